import { LandfallError } from '../errors.ts';
import type { Descriptor } from './descriptor.ts';

/** @see https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md#image-index-property-descriptions */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

export const DEFAULT_PLATFORM: Platform = { os: 'linux', architecture: 'amd64' };

const PART = /^[a-z0-9][a-z0-9._-]{0,31}$/;

/** Parses `os/architecture[/variant]`. @throws LandfallError CONFIG_INVALID */
export function parsePlatform(text: string): Platform {
  const parts = text.split('/');
  const [os, architecture, variant] = parts;
  if (parts.length < 2 || parts.length > 3 || !parts.every((part) => PART.test(part))) {
    throw new LandfallError(
      'CONFIG_INVALID',
      `platform ${JSON.stringify(text)} is not os/architecture[/variant], e.g. linux/arm64`,
    );
  }
  return {
    os: os as string,
    architecture: architecture as string,
    ...(variant !== undefined && { variant }),
  };
}

export const formatPlatform = ({ os, architecture, variant }: Platform): string =>
  variant === undefined ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;

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
