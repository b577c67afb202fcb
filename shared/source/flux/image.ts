import { imageUrl } from './image-url.ts';
import { labelsOf, type MappedSource, type ReadObject } from './mapped-object.ts';
import type { ImagePolicy, ImageRepository } from './schema.ts';
import { type UnreadFields, unreadNotices } from './unread.ts';

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

/** What an ImageRepository says, and no policy on it can have. */
export const UNREAD_OF_IMAGES: UnreadFields = {
  accessFrom: 'a policy of any namespace may choose from it',
};

/** A digest is what a revision is; how often it is looked at, the ImageRepository says. */
const UNREAD: UnreadFields = {
  interval: 'the digest is looked at with the tags, each interval of its ImageRepository',
};
const FOLLOWED: UnreadFields = {
  digestReflectionPolicy:
    'the digest of the chosen tag is always followed (Always), so a tag that moves is another revision',
};

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
    notices: unreadNotices(
      document,
      spec.digestReflectionPolicy === 'Always' ? UNREAD : { ...UNREAD, ...FOLLOWED },
    ),
  };
}
