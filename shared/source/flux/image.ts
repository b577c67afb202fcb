import { imageUrl } from './image-url.ts';
import { labelsOf, type MappedSource, type ReadObject } from './mapped-object.ts';
import type { ImagePolicy, ImageRepository } from './schema.ts';
import { type UnreadFields, unreadNotices } from './unread.ts';

export const imageRepositoryIdOf = ({ object }: ReadObject<ImagePolicy>): string => {
  const { namespace = object.metadata.namespace, name } = object.spec.imageRepositoryRef;
  return `${namespace}/${name}`;
};

/** Which tag a policy chooses, in our words. */
function refOf({ policy, filterTags }: ImagePolicy['spec'], exclude: readonly string[]) {
  const descends = [policy.numerical, policy.alphabetical].some((order) => order?.order === 'desc');
  const chosen = {
    helm: false,
    ...(exclude.length > 0 && { exclude }),
    ...(descends && { reverse: true }),
  };
  const { pattern, extract } = filterTags;
  const filter = pattern === '' ? {} : { filter: pattern, ...(extract !== '' && { extract }) };
  if (policy.semver !== undefined) return { semver: policy.semver.range, ...filter, ...chosen };
  return { order: policy.numerical === undefined ? 'alphabetical' : 'numerical', ...filter, ...chosen };
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
  return {
    document,
    kind: object.kind,
    namespace: metadata.namespace,
    name: metadata.name,
    entry: {
      url: imageUrl(from.image),
      ref: refOf(spec, from.exclusionList),
      interval: from.interval,
      labels: labelsOf(metadata.labels),
      suspend: spec.suspend || from.suspend,
      unpack: { mode: 'none' },
      ...(from.timeout !== undefined && { timeout: from.timeout }),
    },
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
