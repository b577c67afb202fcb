import { LandfallError } from '../errors.ts';
import { isObject, type JsonObject } from '../kernel/json.ts';
import { printableLine } from '../printable.ts';
import type { ListedDescriptor } from './descriptor.ts';
import { type Digest, isDigestLike } from './digest.ts';
import type { Platform } from './platform.ts';

/**
 * Reads the parts of a manifest field by field. By hand, since it runs for every manifest of every poll and a schema
 * library would be most of a command's start; loosely, since image-spec says that unknown properties MUST NOT be an
 * error, and Go writes null for what is absent. Types are those that Go wants. Every error names the place.
 */
export class DescriptorReader {
  readonly #owner: Digest;

  constructor(owner: Digest) {
    this.#owner = owner;
  }

  /**
   * `urls` are not followed, so they do not count: what the registry has under the digest is what is read.
   * @throws LandfallError MANIFEST_INVALID
   */
  descriptor(value: unknown, at: string): ListedDescriptor {
    if (!isObject(value)) throw this.#wrong(at, 'an object', value);
    const { mediaType, digest, size } = value;
    if (typeof mediaType !== 'string' || mediaType === '')
      throw this.#wrong(`${at}.mediaType`, 'a media type', mediaType);
    if (typeof digest !== 'string' || !isDigestLike(digest))
      throw this.#wrong(`${at}.digest`, 'a digest such as sha256:<64 lower-case hex>', digest);
    if (!Number.isSafeInteger(size) || (size as number) < 0)
      throw this.#wrong(`${at}.size`, 'a number of bytes', size);
    this.#texts(value, 'urls', at);
    this.optionalText(value, 'data', at);
    const annotations = this.annotations(value, at);
    const artifactType = this.optionalText(value, 'artifactType', at);
    const platform = this.#platform(value['platform'], `${at}.platform`);
    return {
      mediaType,
      digest,
      size: size as number,
      ...(annotations && { annotations }),
      ...(artifactType !== undefined && { artifactType }),
      ...(platform && { platform }),
    };
  }

  /** None where the key is absent or null. @throws LandfallError MANIFEST_INVALID */
  descriptors(document: JsonObject, key: string): readonly ListedDescriptor[] {
    const list = document[key];
    if (list == null) return [];
    if (!Array.isArray(list)) throw this.#wrong(key, 'a list', list);
    return list.map((value: unknown, index) => this.descriptor(value, `${key}.${index}`));
  }

  /** A value that is null is empty, as Go reads it. @throws LandfallError MANIFEST_INVALID */
  annotations(value: JsonObject, at: string): Readonly<Record<string, string>> | undefined {
    const given = value['annotations'];
    const where = at === '' ? 'annotations' : `${at}.annotations`;
    if (given == null) return undefined;
    if (!isObject(given)) throw this.#wrong(where, 'an object', given);
    const entries = Object.entries(given);
    const wrong = entries.find(([, text]) => typeof text !== 'string' && text !== null);
    if (wrong) throw this.#wrong(`${where}.${wrong[0].slice(0, 80)}`, 'a string', wrong[1]);
    const texts = given as Readonly<Record<string, string | null>>;
    return entries.every(([, text]) => text !== null)
      ? (texts as Readonly<Record<string, string>>)
      : Object.fromEntries(entries.map(([key]) => [key, texts[key] ?? '']));
  }

  /** @throws LandfallError MANIFEST_INVALID */
  optionalText(value: JsonObject, key: string, at: string): string | undefined {
    const text = value[key];
    if (text == null) return undefined;
    if (typeof text === 'string') return text === '' ? undefined : text;
    throw this.#wrong(at === '' ? key : `${at}.${key}`, 'a string', text);
  }

  /** Without an os or an architecture it is none. */
  #platform(value: unknown, at: string): Platform | undefined {
    if (value == null) return undefined;
    if (!isObject(value)) throw this.#wrong(at, 'an object', value);
    const [os, architecture, variant, osVersion] = ['os', 'architecture', 'variant', 'os.version'].map(
      (key) => this.optionalText(value, key, at),
    );
    const osFeatures = this.#texts(value, 'os.features', at);
    if (os === undefined || architecture === undefined) return undefined;
    return {
      os,
      architecture,
      ...(variant !== undefined && { variant }),
      ...(osVersion !== undefined && { osVersion }),
      ...(osFeatures.length > 0 && { osFeatures }),
    };
  }

  #texts(value: JsonObject, key: string, at: string): readonly string[] {
    const list = value[key] ?? [];
    const texts: readonly unknown[] = Array.isArray(list) ? list.map((text) => text ?? '') : [list];
    if (Array.isArray(list) && texts.every((text) => typeof text === 'string')) return texts;
    throw this.#wrong(`${at}.${key}`, 'a list of strings', list);
  }

  #wrong(at: string, wanted: string, got: unknown): LandfallError {
    const shown = (JSON.stringify(got) ?? 'nothing').slice(0, 80);
    return new LandfallError(
      'MANIFEST_INVALID',
      `manifest ${this.#owner} at ${printableLine(at.slice(0, 200))}: wanted ${wanted}, got ${shown}`,
    );
  }
}
