import { isObject, type JsonObject } from '../../../kernel/json.ts';
import type { ClusterObject } from '../cluster-object.ts';
import type { KubernetesSettings } from '../kubernetes-settings.ts';

const listAt = (content: JsonObject, key: string): readonly unknown[] => {
  const found = content[key];
  return Array.isArray(found) ? found : [];
};

/** What the deploy says of images takes the place of what a kustomization says of the same. */
function withImages(content: JsonObject, images: KubernetesSettings['images']): readonly unknown[] {
  const others = listAt(content, 'images').filter(
    (each) => !images.some(({ name }) => isObject(each) && each['name'] === name),
  );
  return [...others, ...images];
}

/**
 * A kustomization with what the deploy itself says: as if it stood in the file. Pure.
 * @param components that are there
 * @see https://fluxcd.io/flux/components/kustomize/kustomizations/#working-with-kustomizations
 */
export function withOverlay(
  content: JsonObject,
  { targetNamespace, namePrefix, nameSuffix, patches, images }: KubernetesSettings,
  components: readonly string[],
): JsonObject {
  return {
    ...content,
    ...(targetNamespace !== undefined && { namespace: targetNamespace }),
    ...(namePrefix !== undefined && { namePrefix }),
    ...(nameSuffix !== undefined && { nameSuffix }),
    ...(patches.length > 0 && { patches: [...listAt(content, 'patches'), ...patches] }),
    ...(images.length > 0 && { images: withImages(content, images) }),
    ...(components.length > 0 && { components: [...listAt(content, 'components'), ...components] }),
  };
}

/** The object's own labels and annotations only: those of its pods would have them restarted. */
export function withCommonMetadata(
  object: ClusterObject,
  { commonMetadata }: Pick<KubernetesSettings, 'commonMetadata'>,
): ClusterObject {
  if (commonMetadata === undefined) return object;
  const { labels, annotations } = commonMetadata;
  return {
    ...object,
    metadata: {
      ...object.metadata,
      ...(labels !== undefined && { labels: { ...object.metadata.labels, ...labels } }),
      ...(annotations !== undefined && { annotations: { ...object.metadata.annotations, ...annotations } }),
    },
  };
}
