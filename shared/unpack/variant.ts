import { createHash } from 'node:crypto';
import { packedVariant } from '../model/packed.ts';
import type { Platform } from '../oci/platform.ts';
import type { UnpackOptions } from './unpack-options.ts';

const READABLE = /^[a-z0-9]+$/;
const READABLE_CHARACTERS = 20;
const HASH_CHARACTERS = 10;

/**
 * Names the unpack options in keys: `default`, or at most 46 of [a-z0-9-], the same for the same options everywhere.
 * An index always has its platform in it (`linux-arm64`); other options follow after `--`, which no platform contains
 * (`linux-arm64--archive-0123456789`), and `--pack` is at the end where files are packed.
 * @param platform the one chosen, where the artifact's digest is an index; an option for it means nothing elsewhere
 */
export function variantOf(options: UnpackOptions, platform: Platform | undefined): string {
  const chosen = platform === undefined ? undefined : platformName(platform);
  const others = optionsName(options);
  const name = [chosen, others].filter((part) => part !== undefined).join('--') || 'default';
  // Mode none has no file to pack.
  return options.layout === 'pack' && options.mode !== 'none' ? packedVariant(name) : name;
}

/** Mode none looked at the platforms of an index once, and named them: a digest that is followed is the same. */
export const isSameVariant = (a: string, b: string): boolean => a === b || (isNone(a) && isNone(b));

const isNone = (variant: string): boolean => variant === 'none' || variant.endsWith('--none');

/** An index may call its platforms what it likes: what would not read well, or read like another's, is hashed. */
function platformName({ os, architecture, variant, osVersion, osFeatures = [] }: Platform): string {
  const parts = [
    os,
    architecture,
    ...(variant === undefined ? [] : [variant]),
    ...(osVersion === undefined ? [] : [`version=${osVersion}`]),
    ...osFeatures.map((feature) => `feature=${feature}`),
  ];
  const name = parts.join('-');
  const readable = parts.every((part) => READABLE.test(part)) && name.length <= READABLE_CHARACTERS;
  return readable ? name : `platform${hashOf(parts)}`;
}

/** Options that change nothing in a mode do not name a variant in it. */
function optionsName({ mode, layers, links, ignore }: UnpackOptions): string | undefined {
  if (mode === 'none') return 'none';
  const patterns = ignore === undefined || ignore.trim() === '' ? null : ignore;
  const files = mode === 'files';
  const plain = layers === 'auto' && (!files || (links === 'record' && patterns === null));
  if (plain) return files ? undefined : mode;

  return `${mode}-${hashOf(files ? [layers, links, patterns] : [layers])}`;
}

const hashOf = (parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, HASH_CHARACTERS);
