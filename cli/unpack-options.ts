import type { Command } from 'commander';
import { LandfallError } from '../shared/errors.ts';
import { parsePlatform } from '../shared/oci/platform.ts';
import type { LayerSelection, UnpackMode, UnpackOptions } from '../shared/source/source.ts';

export interface UnpackFlags {
  readonly platform?: string;
  readonly layers: string;
  readonly mode: string;
  readonly links: string;
  readonly ignore: readonly string[];
}

export const addUnpackOptions = (command: Command): Command =>
  command
    .option('--platform <os/arch>', 'which manifest of an index, e.g. linux/arm64')
    .option('--layers <auto|all|media-type>', 'which layers to unpack', 'auto')
    .option('--mode <mode>', 'files, archive (the layer as it is) or none', 'files')
    .option('--links <record|materialize>', 'leave links out, or copy what they point to', 'record')
    .option(
      '--ignore <pattern>',
      'leave out what this .gitignore line matches; repeatable',
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
