import * as z from 'zod';
import { parseDigest } from '../../oci/digest.ts';
import { isTag } from '../../oci/reference.ts';
import { parseTypedRepository } from '../../oci/typed-reference.ts';
import { parseRange } from '../../resolve/range.ts';
import { tagFilter } from '../../resolve/tag-filter.ts';
import { interval, name, refusedWhen, textFor, timeout } from '../schema-fields.ts';
import { ignore, VERIFY_REFUSAL } from '../schema-source.ts';

/** What Kubernetes adds to every object is not ours to judge. */
const object = <Kind extends string, Spec extends z.ZodType>(
  kind: Kind,
  versions: readonly string[],
  spec: Spec,
) =>
  z.looseObject({
    apiVersion: z.enum(versions),
    kind: z.literal(kind),
    metadata: z.looseObject({
      name,
      namespace: name.default('default'),
      labels: z.record(z.string(), z.string()).exactOptional(),
    }),
    spec,
  });

const named = z.looseObject({ name: z.string().min(1) }).exactOptional();
const verify = z
  .unknown()
  .check(refusedWhen((given) => (given === undefined ? undefined : VERIFY_REFUSAL)))
  .exactOptional();

/** What both kinds of registry source say about reaching it. */
const access = {
  secretRef: named,
  certSecretRef: named,
  proxySecretRef: named,
  serviceAccountName: z.string().exactOptional(),
  provider: z.enum(['generic', 'aws', 'azure', 'gcp']).default('generic'),
  insecure: z.boolean().default(false),
};
export type AccessSpec = z.output<z.ZodObject<typeof access>>;

const SOURCES = ['source.toolkit.fluxcd.io/v1', 'source.toolkit.fluxcd.io/v1beta2'];
const repositoryUrl = textFor(parseTypedRepository);

/** @see https://github.com/fluxcd/source-controller/blob/main/docs/spec/v1/ocirepositories.md */
export const ociRepository = object(
  'OCIRepository',
  SOURCES,
  z.strictObject({
    ...access,
    url: repositoryUrl,
    ref: z
      .strictObject({
        tag: z.string().refine(isTag, { error: 'wanted a tag: 1 to 128 of A-Za-z0-9._-' }).exactOptional(),
        semver: textFor(parseRange).exactOptional(),
        semverFilter: textFor((text) => tagFilter(text)).exactOptional(),
        digest: textFor(parseDigest).exactOptional(),
      })
      .prefault({}),
    layerSelector: z
      .strictObject({
        mediaType: z.string().min(1).max(255).exactOptional(),
        operation: z.enum(['extract', 'copy']).default('extract'),
      })
      .prefault({}),
    interval,
    timeout: timeout.exactOptional(),
    ignore: ignore.exactOptional(),
    suspend: z.boolean().default(false),
    verify,
  }),
);
export type OciRepository = z.output<typeof ociRepository>;

/** @see https://github.com/fluxcd/source-controller/blob/main/docs/spec/v1/helmrepositories.md */
export const helmRepository = object(
  'HelmRepository',
  SOURCES,
  z.strictObject({
    ...access,
    url: z.string(),
    type: z.enum(['default', 'oci']).default('default'),
    interval: interval.exactOptional(),
    timeout: timeout.exactOptional(),
    suspend: z.boolean().default(false),
    passCredentials: z.boolean().exactOptional(),
    accessFrom: z.unknown().exactOptional(),
  }),
);
export type HelmRepository = z.output<typeof helmRepository>;

const chart = {
  chart: z.string().min(1),
  version: textFor(parseRange).default('*'),
  sourceRef: z.looseObject({ kind: z.string(), name: z.string(), namespace: z.string().exactOptional() }),
  interval: interval.exactOptional(),
  verify,
};

export const helmChart = object(
  'HelmChart',
  SOURCES,
  z.looseObject({ ...chart, suspend: z.boolean().default(false) }),
);
export type HelmChart = z.output<typeof helmChart>;

/** Only what names a chart: the rest of a release is for whoever installs it. */
export const helmRelease = object(
  'HelmRelease',
  ['helm.toolkit.fluxcd.io/v2', 'helm.toolkit.fluxcd.io/v2beta2', 'helm.toolkit.fluxcd.io/v2beta1'],
  z.looseObject({
    interval: interval.exactOptional(),
    suspend: z.boolean().default(false),
    chart: z.looseObject({ spec: z.looseObject(chart) }).exactOptional(),
  }),
);
export type HelmRelease = z.output<typeof helmRelease>;

export const secret = z.looseObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('Secret'),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().default('default') }),
  type: z.string().exactOptional(),
  // Go writes null for what is not there.
  data: z.nullish(z.record(z.string(), z.nullable(z.string()))),
  stringData: z.nullish(z.record(z.string(), z.nullable(z.string()))),
  /** Put there by SOPS: the values are encrypted. */
  sops: z.unknown().exactOptional(),
});
