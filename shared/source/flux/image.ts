import { imageUrl } from './image-url.ts';
import { labelsOf, type MappedSource, type ReadObject } from './mapped-object.ts';
import type { ImagePolicy, ImageRepository } from './schema.ts';

export const imageRepositoryIdOf = ({ object }: ReadObject<ImagePolicy>): string => {
  const { namespace = object.metadata.namespace, name } = object.spec.imageRepositoryRef;
  return `${namespace}/${name}`;
};

/** Which tag a policy chooses, in our words. */
function refOf({ policy, filterTags }: ImagePolicy['spec']): Readonly<Record<string, string>> {
  const { pattern, extract } = filterTags;
  const filter = pattern === '' ? {} : { filter: pattern, ...(extract !== '' && { extract }) };
  if (policy.semver !== undefined) return { semver: policy.semver.range, ...filter };
  return { order: policy.numerical === undefined ? 'alphabetical' : 'numerical', ...filter };
}

/** Maps an ImagePolicy, with the ImageRepository it chooses from, onto a source that is resolved and not unpacked. */
export function mapImagePolicy(
  { document, object }: ReadObject<ImagePolicy>,
  repository: ReadObject<ImageRepository>,
): MappedSource {
  const { metadata, spec } = object;
  const from = repository.object.spec;
  const descends = [spec.policy.numerical, spec.policy.alphabetical].some((order) => order?.order === 'desc');
  return {
    document,
    kind: object.kind,
    namespace: metadata.namespace,
    name: metadata.name,
    entry: {
      url: imageUrl(from.image),
      ref: refOf(spec),
      interval: from.interval,
      labels: labelsOf(metadata.labels),
      suspend: spec.suspend || from.suspend,
      unpack: { mode: 'none' },
      ...(from.timeout !== undefined && { timeout: from.timeout }),
    },
    ref: { helm: false, exclude: from.exclusionList, ...(descends && { reverse: true }) },
    access: {
      spec: from,
      namespace: repository.object.metadata.namespace,
      document: repository.document,
    },
    notices: [],
  };
}
