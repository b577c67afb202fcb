import * as z from 'zod/mini';
import { secret } from '../../credentials/secret-schema.ts';
import { KUBERNETES_KEY_CHARACTERS } from '../../limits.ts';

const text = (expression: RegExp, what: string) => z.string().check(z.regex(expression, what));

/** @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const name = text(NAME, 'not a name of Kubernetes');
const namespace = text(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'not a namespace of Kubernetes');
const folder = text(/^(?!\.\.(?:\/|$))[^/\s][^\0]*$/, 'not a folder of the artifact');
const record = z.record(z.string().check(z.minLength(1), z.maxLength(KUBERNETES_KEY_CHARACTERS)), z.string());

/** Which objects a patch is for: each a regular expression, as in kustomize. */
const target = z.strictObject({
  group: z.optional(z.string()),
  version: z.optional(z.string()),
  kind: z.optional(z.string()),
  name: z.optional(z.string()),
  namespace: z.optional(z.string()),
  labelSelector: z.optional(z.string()),
  annotationSelector: z.optional(z.string()),
});

/** An image of the manifests, and what takes its place: as written here, or as another source has it. */
const image = z
  .strictObject({
    name: z.string().check(z.minLength(1)),
    newName: z.optional(z.string()),
    newTag: z.optional(z.string()),
    digest: z.optional(text(/^[a-z0-9]+:[0-9a-f]{32,}$/, 'not a digest')),
    /** Name, or `namespace/name`, of a source whose current tag and digest it has. */
    source: z.optional(text(/^([a-z0-9-]+\/)?[a-z0-9-]+$/, 'not the name of a source')),
  })
  .check(
    z.refine(
      ({ source, newTag, digest }) => source === undefined || (newTag ?? digest) === undefined,
      'source says tag and digest: wanted it, or newTag and digest',
    ),
  );

/** What a deploy into a cluster is told in its document. */
export const kubernetesSettings = z.object({
  /** In the artifact: where its kustomization is, or its YAML files. */
  kustomization: z._default(folder, '.'),
  /** Folders of the artifact, from that one. */
  components: z._default(z.readonly(z.array(z.string())), []),
  ignoreMissingComponents: z._default(z.boolean(), false),
  patches: z._default(
    z.readonly(z.array(z.strictObject({ patch: z.string(), target: z.optional(target) }))),
    [],
  ),
  images: z._default(z.readonly(z.array(image)), []),
  targetNamespace: z.optional(namespace),
  namePrefix: z.optional(z.string()),
  nameSuffix: z.optional(z.string()),
  commonMetadata: z.optional(z.strictObject({ labels: z.optional(record), annotations: z.optional(record) })),
  /** Variables of the manifests, `${name}`. They win over those of `substituteFrom`. */
  substitute: z._default(
    z.record(text(/^[_A-Za-z][_A-Za-z0-9]*$/, 'not the name of a variable'), z.string()),
    {},
  ),
  /** ConfigMaps and Secrets of the cluster that hold more of them; a later one wins. */
  substituteFrom: z._default(
    z.readonly(
      z.array(
        z.strictObject({
          kind: z.enum(['ConfigMap', 'Secret']),
          name,
          namespace,
          optional: z._default(z.boolean(), false),
        }),
      ),
    ),
    [],
  ),
  /** A kubeconfig, or where it is kept; without one kubectl finds its own. */
  kubeconfig: z.optional(secret),
  /** A cluster of EKS, as the role of the deploy. In place of a kubeconfig. */
  eks: z.optional(text(/^[A-Za-z0-9][-_A-Za-z0-9]{0,99}$/, 'not the name of a cluster of EKS')),
  /** Of the kubeconfig. */
  context: z.optional(z.string().check(z.minLength(1))),
  /** Whom all is done as, and whose rights therefore are its fence. */
  serviceAccount: z.optional(z.strictObject({ name, namespace })),
  /** Where the list of what the deploy made is kept. */
  inventoryNamespace: z._default(namespace, 'default'),
  /** Deletes an object and makes it anew where a field that cannot be changed has to be. */
  force: z._default(z.boolean(), false),
  /** Also what somebody else keeps: another deploy, Flux, Helm. */
  takeOver: z._default(z.boolean(), false),
  /** What has left the artifact stays in the cluster. */
  keepObjects: z._default(z.boolean(), false),
  /** Has ended when all that was applied is healthy. */
  wait: z._default(z.boolean(), true),
  /** These are waited for, whoever made them; in place of what was applied where `wait` is false. */
  healthChecks: z._default(
    z.readonly(
      z.array(
        z.strictObject({
          apiVersion: z._default(z.string().check(z.minLength(1)), 'apps/v1'),
          kind: z.string().check(z.minLength(1)),
          name,
          namespace: z.optional(namespace),
        }),
      ),
    ),
    [],
  ),
});

export type KubernetesSettings = z.infer<typeof kubernetesSettings>;

/** What one of several clusters may have of its own. */
export const KUBERNETES_OF_CLUSTER: readonly (keyof KubernetesSettings)[] = [
  ...(['kubeconfig', 'context', 'eks', 'serviceAccount', 'inventoryNamespace'] as const),
  ...(['kustomization', 'targetNamespace', 'patches', 'substitute'] as const),
];

/** Sources whose images the deploy puts into its manifests. */
export const usedByKubernetes = ({ images }: KubernetesSettings): readonly string[] =>
  images.flatMap(({ source }) => (source === undefined ? [] : [source]));

/** A kubeconfig that is a file is named from the folder of the document. */
export function locateKubeconfig<Settings extends Pick<KubernetesSettings, 'kubeconfig'>>(
  settings: Settings,
  from: (path: string) => string,
): Settings {
  const { kubeconfig } = settings;
  if (kubeconfig === undefined || !('file' in kubeconfig)) return settings;
  return { ...settings, kubeconfig: { file: from(kubeconfig.file) } };
}
