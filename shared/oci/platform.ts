import { LandfallError } from '../errors.ts';

/** @see https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md#image-index-property-descriptions */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  /** `os.version`, as Windows images have it: `10.0.20348.2113`. */
  readonly osVersion?: string;
  /** `os.features`, e.g. `win32k`. */
  readonly osFeatures?: readonly string[];
}

export const DEFAULT_PLATFORM: Platform = { os: 'linux', architecture: 'amd64' };

const PART = /^[a-z0-9][a-z0-9._-]{0,31}$/;
/** As containerd writes what an os needs: `windows(10.0.20348+win32k)`. */
const OPTIONS = /^([^()]+)\(([A-Za-z0-9._-]{0,64})((?:\+[A-Za-z0-9._-]{1,64}){0,16})\)$/;

/**
 * Parses `os/architecture[/variant]`, the os with its version and features in brackets where they matter:
 * `windows(10.0.20348)/amd64`.
 * @see https://github.com/containerd/platforms (Parse)
 * @throws LandfallError CONFIG_INVALID
 */
export function parsePlatform(text: string): Platform {
  const [first = '', architecture = '', variant, ...more] = text.split('/');
  const [, os = first, osVersion = '', features = ''] = OPTIONS.exec(first) ?? [];
  const parts = [os, architecture, ...(variant === undefined ? [] : [variant])];
  if (more.length > 0 || !parts.every((part) => PART.test(part))) {
    throw new LandfallError(
      'CONFIG_INVALID',
      `platform ${JSON.stringify(text.slice(0, 160))} is not os/architecture[/variant], e.g. linux/arm64 or windows(10.0.20348)/amd64`,
    );
  }
  return {
    os,
    architecture,
    ...(variant !== undefined && { variant }),
    ...(osVersion !== '' && { osVersion }),
    ...(features !== '' && { osFeatures: features.slice(1).split('+') }),
  };
}

export function formatPlatform({
  os,
  architecture,
  variant,
  osVersion = '',
  osFeatures = [],
}: Platform): string {
  const options = osVersion + osFeatures.map((feature) => `+${feature}`).join('');
  const parts = [
    options === '' ? os : `${os}(${options})`,
    architecture,
    ...(variant === undefined ? [] : [variant]),
  ];
  return parts.join('/');
}
