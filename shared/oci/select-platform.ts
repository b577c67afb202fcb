import { LandfallError } from '../errors.ts';
import type { Descriptor } from './descriptor.ts';
import { DEFAULT_PLATFORM, formatPlatform, type Platform } from './platform.ts';

const matches = (want: Platform, got: Platform | undefined): boolean =>
  got !== undefined &&
  got.os === want.os &&
  got.architecture === want.architecture &&
  (want.variant === undefined || got.variant === undefined || got.variant === want.variant);

/**
 * Chooses one manifest of an index: the first for `want`; without `want`, linux/amd64 or the only child.
 * An exact variant is preferred to an unnamed one.
 * @throws LandfallError PLATFORM_NOT_FOUND naming the platforms that are there
 */
export function selectPlatform(children: readonly Descriptor[], want: Platform | undefined): Descriptor {
  const wanted = want ?? DEFAULT_PLATFORM;
  const candidates = children.filter(({ platform }) => matches(wanted, platform));
  const exact = candidates.find(({ platform }) => platform?.variant === wanted.variant);
  const [only] = children;
  const chosen = exact ?? candidates[0] ?? (want === undefined && children.length === 1 ? only : undefined);
  if (chosen !== undefined) return chosen;
  const there = children.map(({ platform }) => (platform ? formatPlatform(platform) : 'none')).join(', ');
  throw new LandfallError(
    'PLATFORM_NOT_FOUND',
    `the index has no manifest for ${formatPlatform(wanted)}; it has: ${there.slice(0, 512) || 'nothing'}`,
    { hint: 'Set platform (or --platform) to one of these.' },
  );
}
