import { LandfallError } from '../errors.ts';

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
