import * as z from 'zod/mini';
import { HELM_VALUE_PATH_CHARACTERS, HELM_VALUES, SUBDOMAIN_CHARACTERS } from '../../limits.ts';
import { kubernetesSettings } from '../kubernetes/kubernetes-settings.ts';

const text = (expression: RegExp, what: string) => z.string().check(z.regex(expression, what));
const name = text(/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/, 'not a name of Kubernetes');
const namespace = text(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'not a namespace of Kubernetes');
const path = text(/^[^/\s][^\0]*$/, 'not a path in the artifact');

/** What helm itself takes (4.1.4, by its own words): labels with dots between them. */
const RELEASE_NAME = /^(?=.{1,53}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** What is said of values by a ConfigMap or Secret of the cluster. */
const clusterValues = z.strictObject({
  kind: z.enum(['ConfigMap', 'Secret']),
  name,
  /** Default: that of the release. */
  namespace: z.optional(namespace),
  valuesKey: z._default(z.string().check(z.minLength(1), z.maxLength(SUBDOMAIN_CHARACTERS)), 'values.yaml'),
  /** One value, as behind `--set`: what the key holds is put there, and wins over all files. */
  targetPath: z.optional(z.string().check(z.minLength(1), z.maxLength(HELM_VALUE_PATH_CHARACTERS))),
  /** With `targetPath`: a text, whatever it looks like. */
  literal: z._default(z.boolean(), false),
  optional: z._default(z.boolean(), false),
});

const fileValues = z.strictObject({
  /** In the artifact. */
  file: path,
  /** Name, or `namespace/name`, of a source that has the file in its artifact; default: the deploy's own. */
  source: z.optional(text(/^([a-z0-9-]+\/)?[a-z0-9-]+$/, 'not the name of a source')),
  optional: z._default(z.boolean(), false),
});

export type ValuesSource = z.infer<typeof clusterValues> | z.infer<typeof fileValues>;

/** Definitions in the chart's own folder `crds`: left alone, made where they are not there, or brought to what the chart has. */
const crds = z.enum(['Skip', 'Create', 'CreateReplace']);

/** Fields that are not the release's to say, of which objects; default: of all. */
const ignored = z.strictObject({
  paths: z.readonly(
    z
      .array(text(/^(\/([^~/]|~[01])*)+$/, 'not a JSON pointer'))
      .check(z.minLength(1), z.maxLength(HELM_VALUES)),
  ),
  target: z.optional(
    z.strictObject({
      group: z.optional(z.string()),
      version: z.optional(z.string()),
      kind: z.optional(z.string()),
      name: z.optional(z.string()),
      namespace: z.optional(z.string()),
    }),
  ),
});

export type LeftFields = z.infer<typeof ignored>;

const { kubeconfig, eks, context, serviceAccount, takeOver, wait } = kubernetesSettings.shape;

/** What a deploy of a chart is told in its document. */
export const helmSettings = z.object({
  /** In the artifact: the chart's folder, or its `.tgz`. Default: the only one there. */
  chart: z.optional(path),
  /** Of the chart, in place of its `values.yaml`: a later one wins. */
  valuesFiles: z._default(z.readonly(z.array(path).check(z.maxLength(HELM_VALUES))), []),
  ignoreMissingValuesFiles: z._default(z.boolean(), false),
  /** Default: the name of the deploy. */
  releaseName: z.optional(text(RELEASE_NAME, 'not a name of a release: at most 53 of a-z, 0-9, - and .')),
  /** Of the release, its history, and its objects that name none. */
  targetNamespace: z._default(namespace, 'default'),
  createNamespace: z._default(z.boolean(), false),
  /** Over those of `valuesFrom`. */
  values: z._default(z.record(z.string(), z.unknown()), {}),
  /** A later one wins. */
  valuesFrom: z._default(
    z.readonly(z.array(z.union([fileValues, clusterValues])).check(z.maxLength(HELM_VALUES))),
    [],
  ),
  crds: z._default(
    z.strictObject({ install: z._default(crds, 'Create'), upgrade: z._default(crds, 'Skip') }),
    { install: 'Create', upgrade: 'Skip' },
  ),
  /** Revisions of the release that are kept; 0: all. */
  maxHistory: z._default(z.int().check(z.minimum(0), z.maximum(1000)), 5),
  /** Of which no hook of the chart is run. */
  disableHooks: z._default(z.readonly(z.array(z.enum(['install', 'upgrade', 'rollback', 'uninstall']))), []),
  /** Hooks of install and upgrade, and tests, are run one by one by visits, and may take as long as the deploy. */
  longHooks: z._default(z.boolean(), false),
  /** Values that do not fit the chart's schema are taken; objects with fields that nobody knows are. */
  disableSchemaValidation: z._default(z.boolean(), false),
  disableOpenApiValidation: z._default(z.boolean(), false),
  /** What a failed upgrade or rollback has newly made is deleted. */
  cleanupOnFail: z._default(z.boolean(), false),
  /** Runs the chart's tests once all is ready. */
  test: z._default(z.boolean(), false),
  /** What failed in them is told, and the run goes on. */
  ignoreTestFailures: z._default(z.boolean(), false),
  /** The history stays when the release is taken away. */
  keepHistory: z._default(z.boolean(), false),
  /** What Helm may write: nothing beside these namespaces and kinds of the cluster. Default: what whom it works as may. */
  fence: z.optional(
    z.strictObject({
      namespaces: z._default(z.readonly(z.array(namespace)), []),
      /** Plurals of kinds that are in no namespace: `clusterroles`. */
      clusterResources: z._default(
        z.readonly(z.array(text(/^[a-z][-a-z0-9]*$/, 'not the plural of a kind'))),
        [],
      ),
    }),
  ),
  /** What is compared: also the objects of the release, or the chart and its values alone. */
  driftOf: z._default(z.enum(['objects', 'release']), 'objects'),
  driftIgnore: z._default(z.readonly(z.array(ignored).check(z.maxLength(HELM_VALUES))), []),
  kubeconfig,
  eks,
  context,
  serviceAccount,
  takeOver,
  wait,
});

export type HelmSettings = z.infer<typeof helmSettings>;

/** What one of several clusters may have of its own. */
export const HELM_OF_CLUSTER: readonly (keyof HelmSettings)[] = [
  ...(['kubeconfig', 'context', 'eks', 'serviceAccount'] as const),
  ...(['targetNamespace', 'values', 'valuesFiles', 'valuesFrom'] as const),
];

/** Sources whose files the deploy takes values from. */
export const usedByHelm = ({ valuesFrom }: HelmSettings): readonly string[] =>
  valuesFrom.flatMap((each) => ('file' in each && each.source !== undefined ? [each.source] : []));
