import { looksLikeHost } from '../../oci/host.ts';
import { HELM_CHART } from '../../oci/media-types.ts';
import { parseRepository } from '../../oci/reference.ts';
import { labelsOf, type MappedSource, type ReadObject } from './mapped-object.ts';
import type { GitRepository, OciRepository } from './schema.ts';
import { COMPOSED_ELSEWHERE, type UnreadFields, unreadNotices } from './unread.ts';

type Notices = MappedSource['notices'];

/** Flux takes digest over semver over tag and leaves the rest unread; so do we, and say so. */
function mapRef({ digest, semver, semverFilter, tag }: OciRepository['spec']['ref']): {
  readonly ref: Readonly<Record<string, string>>;
  readonly unread: readonly string[];
} {
  const given = (['semver', 'semverFilter', 'tag'] as const).filter((key) =>
    key === 'semver' ? semver !== undefined : key === 'tag' ? tag !== undefined : semverFilter !== undefined,
  );
  const without = (...used: readonly string[]): readonly string[] =>
    given.filter((key) => !used.includes(key));
  if (digest !== undefined) return { ref: { digest }, unread: without() };
  if (semver !== undefined) {
    const filter = semverFilter === undefined ? {} : { filter: semverFilter };
    return { ref: { semver, ...filter }, unread: without('semver', 'semverFilter') };
  }
  return { ref: tag === undefined ? {} : { tag }, unread: without('tag') };
}

/**
 * Flux takes a first component without dot or port for a repository of Docker Hub.
 * @see https://github.com/google/go-containerregistry/blob/v0.20.2/pkg/name/repository.go
 */
function mapUrl({ document, object: { spec } }: ReadObject<OciRepository | GitRepository>): {
  readonly url: string;
  readonly notices: Notices;
} {
  const { registry, repository } = parseRepository(spec.url);
  if (looksLikeHost(registry)) return { url: spec.url, notices: [] };
  const url = `oci://docker.io/${registry}/${repository}`;
  const message = `"${registry}" has neither dot nor port, so this is ${url} to Flux, and is watched there`;
  return { url, notices: [{ place: document.placeOf(['spec', 'url']), message }] };
}

/** Only of Helm's charts does Flux read `_` of a tag as `+`. */
const refOf = (ref: Readonly<Record<string, string>>, mediaType?: string) =>
  ref['semver'] === undefined || mediaType === HELM_CHART ? ref : { ...ref, helm: false };

/** Maps Flux's OCIRepository onto a source. */
export function mapOciRepository(read: ReadObject<OciRepository>): MappedSource {
  const { document, object } = read;
  const { metadata, spec } = object;
  const { ref, unread } = mapRef(spec.ref);
  const { mediaType, operation } = spec.layerSelector;
  const { timeout, ignore } = spec;
  const { url, notices } = mapUrl(read);
  return {
    document,
    kind: object.kind,
    namespace: metadata.namespace,
    name: metadata.name,
    entry: {
      url,
      ref: refOf(ref, mediaType),
      interval: spec.interval,
      labels: labelsOf(metadata.labels),
      suspend: spec.suspend,
      unpack: { mode: operation === 'copy' ? 'archive' : 'files' },
      layers: mediaType === undefined ? { first: true } : { mediaType, first: true },
      ...(timeout !== undefined && { timeout }),
      ...(ignore !== undefined && { ignore }),
    },
    ...(spec.verify !== undefined && {
      verify: { spec: spec.verify, namespace: metadata.namespace, document },
    }),
    access: { spec, namespace: metadata.namespace, document },
    notices: [
      ...notices,
      ...unread.map((key) => ({
        place: document.placeOfKey(['spec', 'ref'], key),
        message: `${key} is not read beside what comes before it: digest, semver, tag`,
      })),
    ],
  };
}

const GIT_ALONE = ['branch', 'commit', 'name'] as const;

const OF_GIT = 'it is of Git';
const UNREAD: UnreadFields = {
  include: 'write a source with include, which is composed of others',
  recurseSubmodules: OF_GIT,
  sparseCheckout: 'it is of Git: push what is wanted, or leave the rest out by ignore',
  gitImplementation: OF_GIT,
  accessFrom: COMPOSED_ELSEWHERE,
};

/** Maps a GitRepository that names a registry, as articles print it, onto what an OCIRepository would be. */
export function mapGitRepository(read: ReadObject<GitRepository>): MappedSource {
  const { document, object } = read;
  const { metadata, spec } = object;
  const { ref } = mapRef(spec.ref);
  const { interval, timeout, ignore } = spec;
  const { url, notices } = mapUrl(read);
  const chosen = Object.keys(ref).length === 0 ? 'the tag latest is watched' : 'it is left out';
  const ofGit = GIT_ALONE.filter((key) => spec.ref[key] !== undefined);
  return {
    document,
    kind: object.kind,
    namespace: metadata.namespace,
    name: metadata.name,
    entry: {
      url,
      ref: refOf(ref),
      labels: labelsOf(metadata.labels),
      suspend: spec.suspend,
      layers: { first: true },
      ...(interval !== undefined && { interval }),
      ...(timeout !== undefined && { timeout }),
      ...(ignore !== undefined && { ignore }),
    },
    access: { spec, namespace: metadata.namespace, document },
    notices: [
      {
        place: document.placeOf(['kind']),
        message: `GitRepository ${metadata.namespace}/${metadata.name} has an oci:// url, which Flux refuses in this kind; it is watched as the OCIRepository it should be: write kind: OCIRepository`,
      },
      ...notices,
      ...unreadNotices(document, UNREAD),
      ...ofGit.map((key) => ({
        place: document.placeOfKey(['spec', 'ref'], key),
        message: `${key} is of Git and chooses nothing in a registry; ${chosen}`,
      })),
    ],
  };
}
