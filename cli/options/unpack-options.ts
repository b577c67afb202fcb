import type { Command } from 'commander';
import { LandfallError } from '../../shared/errors.ts';
import { DEFAULT_LIMITS, LIMIT_MAXIMA, type Limits } from '../../shared/limits.ts';
import { parsePlatform } from '../../shared/oci/platform.ts';
import type { LayerSelection, UnpackMode, UnpackOptions } from '../../shared/unpack/unpack-options.ts';

export interface UnpackFlags {
  readonly platform?: string;
  readonly layers: string;
  readonly mode: string;
  readonly links: string;
  readonly ignore: readonly string[];
  readonly limit: readonly string[];
}

export const addUnpackOptions = (command: Command): Command =>
  command
    .optionsGroup('How layers become files:')
    .option(
      '--platform <os/arch>',
      'which manifest of an index, e.g. linux/arm64 or windows(10.0.20348)/amd64',
    )
    .option('--layers <auto|all|media-type>', 'which layers to unpack', 'auto')
    .option('--mode <mode>', 'files, archive (the layer as it is) or none', 'files')
    .option('--links <record|materialize>', 'leave links out, or copy what they point to', 'record')
    .option(
      '--ignore <pattern>',
      'leave out what this .gitignore line matches; repeatable',
      (value, before: string[]) => [...before, value],
      [],
    )
    .option(
      '--limit <name=value>',
      'raise or lower a limit of the source documents, e.g. layerBytes=2147483648; repeatable',
      (value, before: string[]) => [...before, value],
      [],
    );

function oneOf<T extends string>(flag: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((value) => value === text);
  if (found !== undefined) return found;
  throw new LandfallError('USAGE', `${flag} ${JSON.stringify(text)} is none of ${allowed.join(', ')}`);
}

const layersOf = (text: string): LayerSelection =>
  text.includes('/') ? { mediaType: text } : oneOf('--layers', text, ['auto', 'all'] as const);

/** @throws LandfallError USAGE, CONFIG_INVALID */
export const parseUnpackFlags = (flags: UnpackFlags): UnpackOptions => ({
  mode: oneOf<UnpackMode>('--mode', flags.mode, ['files', 'archive', 'none']),
  layers: layersOf(flags.layers),
  links: oneOf('--links', flags.links, ['record', 'materialize'] as const),
  ...(flags.platform !== undefined && { platform: parsePlatform(flags.platform) }),
  ...(flags.ignore.length > 0 && { ignore: flags.ignore.join('\n') }),
});

const isLimit = (name: string): name is keyof Limits => Object.hasOwn(DEFAULT_LIMITS, name);

function parseLimit(text: string): readonly [keyof Limits, number] {
  const equals = text.indexOf('=');
  const name = text.slice(0, equals);
  const value = Number(text.slice(equals + 1));
  if (!isLimit(name)) {
    const known = Object.keys(DEFAULT_LIMITS).join(', ');
    throw new LandfallError('USAGE', `--limit ${JSON.stringify(text)} is none of ${known}`, {
      hint: 'Write e.g. --limit files=100000',
    });
  }
  if (Number.isSafeInteger(value) && value >= 1 && value <= LIMIT_MAXIMA[name]) return [name, value];
  throw new LandfallError(
    'USAGE',
    `--limit ${JSON.stringify(text)}: wanted a whole number from 1 to ${LIMIT_MAXIMA[name]}`,
  );
}

/** The limits with what `--limit` says of them. @throws LandfallError USAGE */
export const parseLimits = ({ limit }: Pick<UnpackFlags, 'limit'>): Limits => ({
  ...DEFAULT_LIMITS,
  ...Object.fromEntries(limit.map(parseLimit)),
});
