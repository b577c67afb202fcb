import * as z from 'zod';
import { MEDIA_TYPE_CHARACTERS, REF_EXCLUSIONS, SUBDOMAIN_CHARACTERS } from '../../limits.ts';
import { parseDigest } from '../../oci/digest.ts';
import { isTag } from '../../oci/reference.ts';
import { parseTypedRepository } from '../../oci/typed-reference.ts';
import { parseRange } from '../../resolve/range.ts';
import { tagFilter } from '../../resolve/tag-filter.ts';
import { interval, name, refusedWhen, textFor, timeout, wanted } from '../schema/schema-fields.ts';
import { ignore } from '../schema/schema-source.ts';
import { fluxVerify } from './flux-verify.ts';
import { imageUrl } from './image-url.ts';

/** As Kubernetes has it: a DNS subdomain. Ours is made of it. */
const objectName = z
  .string()
  .max(SUBDOMAIN_CHARACTERS, wanted(`at most ${SUBDOMAIN_CHARACTERS} characters`))
  .regex(
    /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/,
    wanted('a-z, 0-9, "-" and ".", beginning and ending in a letter or digit'),
  );

const metadata = z.looseObject({
  name: objectName,
  namespace: name.default('default'),
  labels: z.record(z.string(), z.string()).exactOptional(),
});

/** One of Flux's objects. What Kubernetes adds to every object is not ours to judge. */
export const fluxObject = <Kind extends string, Spec extends z.ZodType>(
  kind: Kind,
  versions: readonly string[],
  spec: Spec,
) =>
  z.looseObject({
    apiVersion: z.enum(versions),
    kind: z.literal(kind),
    metadata,
    spec,
  });

/** A field that cannot be honoured, with what to do instead. */
export const refused = (why: string) =>
  z
    .unknown()
    .check(refusedWhen((given) => (given === undefined ? undefined : { message: why })))
    .exactOptional();

const named = z.looseObject({ name: z.string().min(1) }).exactOptional();
const verify = fluxVerify.exactOptional();

const COMMITS = {
  code: 'NOT_SUPPORTED',
  message:
    'verify of a GitRepository is of commits, which a registry has not: write an OCIRepository with one of its own',
} as const;
const commits = z
  .unknown()
  .check(refusedWhen((given) => (given === undefined ? undefined : COMMITS)))
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
export type AccessSpec = Omit<z.output<z.ZodObject<typeof access>>, 'provider'> & {
  readonly provider: string;
};

const SOURCES = ['source.toolkit.fluxcd.io/v1', 'source.toolkit.fluxcd.io/v1beta2'];
const repositoryUrl = textFor(parseTypedRepository);
const tag = z.string().refine(isTag, { error: 'wanted a tag: 1 to 128 of A-Za-z0-9._-' });

/** @see https://github.com/fluxcd/source-controller/blob/main/docs/spec/v1/ocirepositories.md */
export const ociRepository = fluxObject(
  'OCIRepository',
  SOURCES,
  z.strictObject({
    ...access,
    url: repositoryUrl,
    ref: z
      .strictObject({
        tag: tag.exactOptional(),
        semver: textFor(parseRange).exactOptional(),
        semverFilter: textFor((text) => tagFilter(text)).exactOptional(),
        digest: textFor(parseDigest).exactOptional(),
      })
      .prefault({}),
    layerSelector: z
      .strictObject({
        mediaType: z.string().min(1).max(MEDIA_TYPE_CHARACTERS).exactOptional(),
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

/**
 * Of a GitRepository only what a registry knows as well; which API version it is of does not matter, as no Flux takes
 * an oci:// url in it.
 */
export const gitRepository = z.looseObject({
  apiVersion: z.string(),
  kind: z.literal('GitRepository'),
  metadata,
  spec: z.looseObject({
    ...access,
    url: repositoryUrl,
    ref: z
      .looseObject({
        tag: tag.exactOptional(),
        semver: textFor(parseRange).exactOptional(),
        digest: textFor(parseDigest).exactOptional(),
      })
      .prefault({}),
    // Its `github` is no registry's: told with the others.
    provider: z.string().default('generic'),
    interval: interval.exactOptional(),
    timeout: timeout.exactOptional(),
    ignore: ignore.exactOptional(),
    suspend: z.boolean().default(false),
    verify: commits,
  }),
});
export type GitRepository = z.output<typeof gitRepository>;

/** @see https://github.com/fluxcd/source-controller/blob/main/docs/spec/v1/helmrepositories.md */
export const helmRepository = fluxObject(
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
  version: textFor((text) => (text === '' ? undefined : parseRange(text))).default('*'),
  sourceRef: z.looseObject({ kind: z.string(), name: z.string(), namespace: z.string().exactOptional() }),
  interval: interval.exactOptional(),
  verify,
};

export const helmChart = fluxObject(
  'HelmChart',
  SOURCES,
  z.looseObject({
    ...chart,
    suspend: z.boolean().default(false),
    valuesFile: refused('valuesFile is of old: write valuesFiles'),
    valuesFiles: z.array(z.string()).default([]),
    ignoreMissingValuesFiles: z.boolean().default(false),
  }),
);
export type HelmChart = z.output<typeof helmChart>;

/** Only what names a chart: its source goes on whatever is wrong with the rest. */
export const helmRelease = fluxObject(
  'HelmRelease',
  ['helm.toolkit.fluxcd.io/v2', 'helm.toolkit.fluxcd.io/v2beta2', 'helm.toolkit.fluxcd.io/v2beta1'],
  z.looseObject({
    interval: interval.exactOptional(),
    suspend: z.boolean().default(false),
    chart: z.looseObject({ spec: z.looseObject(chart) }).exactOptional(),
  }),
);
export type HelmRelease = z.output<typeof helmRelease>;

const IMAGES = ['v1', 'v1beta2', 'v1beta1'].map((version) => `image.toolkit.fluxcd.io/${version}`);
const pattern = textFor((text) => tagFilter(text));

/** @see https://github.com/fluxcd/image-reflector-controller/blob/main/docs/spec/v1/imagerepositories.md */
export const imageRepository = fluxObject(
  'ImageRepository',
  IMAGES,
  z.strictObject({
    ...access,
    image: textFor((text) => parseTypedRepository(imageUrl(text))),
    interval,
    timeout: timeout.exactOptional(),
    suspend: z.boolean().default(false),
    exclusionList: z.array(pattern).max(REF_EXCLUSIONS).default(['^.*\\.sig$']),
    accessFrom: z.unknown().exactOptional(),
  }),
);
export type ImageRepository = z.output<typeof imageRepository>;

const order = z.looseObject({ order: z.enum(['asc', 'desc']).default('asc') }).exactOptional();

/** @see https://github.com/fluxcd/image-reflector-controller/blob/main/docs/spec/v1/imagepolicies.md */
export const imagePolicy = fluxObject(
  'ImagePolicy',
  IMAGES,
  z.strictObject({
    imageRepositoryRef: z.looseObject({ name: z.string().min(1), namespace: z.string().exactOptional() }),
    policy: z
      .strictObject({
        semver: z.strictObject({ range: textFor(parseRange) }).exactOptional(),
        numerical: order,
        alphabetical: order,
      })
      .refine((policy) => Object.values(policy).some((choice) => choice !== undefined), {
        error: 'wanted semver, numerical or alphabetical',
      }),
    filterTags: z
      .strictObject({ pattern: pattern.default(''), extract: z.string().default('') })
      .prefault({}),
    digestReflectionPolicy: z.string().exactOptional(),
    interval: interval.exactOptional(),
    suspend: z.boolean().default(false),
  }),
);
export type ImagePolicy = z.output<typeof imagePolicy>;
