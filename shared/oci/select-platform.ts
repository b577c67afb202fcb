import { LandfallError } from '../errors.ts';
import type { ListedDescriptor } from './descriptor.ts';
import { MANIFEST_TYPES } from './media-types.ts';
import { DEFAULT_PLATFORM, formatPlatform, type Platform } from './platform.ts';
import { platformRank } from './platform-match.ts';
import { isAttestation } from './referrer.ts';

type Children = readonly ListedDescriptor[];

const SHOWN_CHARACTERS = 512;

/** `unknown/unknown` is what builders call what runs nowhere. */
const isKnown = ({ os, architecture }: Platform): boolean => os !== 'unknown' && architecture !== 'unknown';

/** Attestations, signatures and bills of materials in an index are no platform of it, and are not offered as one. */
const mayRun = (child: ListedDescriptor): boolean =>
  !isAttestation(child) && (child.platform === undefined || isKnown(child.platform));

const hasPlatform = ({ platform }: ListedDescriptor): boolean => platform !== undefined;

/** SOCI lists its index of an image's layers under the image's own platform; of the two only it has a type. */
const isTyped = ({ artifactType }: ListedDescriptor): boolean => artifactType !== undefined;

/**
 * The best child for `want`, or for linux/amd64 without it; undefined where none is for that platform. Of equals an image
 * before a typed artifact, then the first.
 */
export function matchPlatform(children: Children, want: Platform | undefined): ListedDescriptor | undefined {
  const wanted = want ?? DEFAULT_PLATFORM;
  const ranked = children.filter(mayRun).flatMap((child) => {
    const rank = child.platform === undefined ? undefined : platformRank(wanted, child.platform);
    return rank === undefined ? [] : [{ child, rank }];
  });
  const best = ranked.toSorted(
    (a, b) => a.rank - b.rank || Number(isTyped(a.child)) - Number(isTyped(b.child)),
  );
  return best[0]?.child;
}

/**
 * The best of several children that are for one platform: each does where another does. An image may be there twice, in
 * gzip and in zstd, and what belongs to it beside it.
 */
function onlyPlatform(children: Children): ListedDescriptor | undefined {
  const plain = children.find(({ platform }) => platform?.osFeatures === undefined) ?? children[0];
  const want = plain?.platform;
  if (want === undefined) return undefined;
  const isSame = ({ platform }: ListedDescriptor): boolean =>
    platform !== undefined &&
    platformRank(want, platform) !== undefined &&
    platformRank(platform, want) !== undefined;
  return children.every(isSame) ? matchPlatform(children, want) : undefined;
}

/** The only child there is to take: of those with a platform, else of the manifests that are not typed artifacts, else of all. */
function onlyChild(children: Children): ListedDescriptor | undefined {
  const real = children.filter(mayRun);
  const plain = (child: ListedDescriptor): boolean =>
    !isTyped(child) && MANIFEST_TYPES.includes(child.mediaType);
  const kinds = [real.filter(hasPlatform), real.filter(plain), real];
  const first = kinds.find(({ length }) => length > 0) ?? [];
  return first.length === 1 ? first[0] : onlyPlatform(first);
}

/**
 * Chooses one manifest of an index: the best for `want`; without `want`, for linux/amd64, or for the only platform there is.
 * @throws LandfallError PLATFORM_NOT_FOUND naming the platforms that are there
 */
export function selectPlatform(children: Children, want: Platform | undefined): ListedDescriptor {
  const chosen = matchPlatform(children, want) ?? (want === undefined ? onlyChild(children) : undefined);
  if (chosen !== undefined) return chosen;
  const platforms = children
    .filter(mayRun)
    .flatMap(({ platform }) => (platform ? [formatPlatform(platform)] : []));
  const others = children.length - platforms.length;
  const without = others === 0 ? [] : [`${others} without a platform`];
  const there = [...new Set(platforms), ...without].join(', ').slice(0, SHOWN_CHARACTERS);
  throw new LandfallError(
    'PLATFORM_NOT_FOUND',
    `the index has no manifest for ${formatPlatform(want ?? DEFAULT_PLATFORM)}; it has: ${there || 'nothing'}`,
    {
      hint:
        platforms.length > 0
          ? 'Set platform (or --platform) to one of these.'
          : 'Nothing in it is for a platform: name the digest of the manifest that is wanted.',
    },
  );
}
