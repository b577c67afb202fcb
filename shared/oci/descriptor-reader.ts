import { LandfallError } from '../errors.ts';
import type { Descriptor } from './descriptor.ts';
import { type Digest, parseDigest } from './digest.ts';
import type { Platform } from './platform.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** RFC 6838 caps a type and a subtype at 127 characters each. */
const MEDIA_TYPE_CHARACTERS = 255;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads the parts of a manifest field by field. By hand, since it runs for every manifest of every poll and a schema
 * library would be most of a command's start; loosely, since image-spec says that unknown properties MUST NOT be an
 * error, and some registries write null for what is absent. Every error names the place.
 */
export class DescriptorReader {
  readonly #owner: Digest;

  constructor(owner: Digest) {
    this.#owner = owner;
  }

  /** @throws LandfallError MANIFEST_INVALID, DIGEST_INVALID */
  descriptor(value: unknown, at: string): Descriptor {
    if (!isObject(value)) throw this.#wrong(at, 'an object', value);
    const { mediaType, digest, size } = value;
    if (typeof mediaType !== 'string' || mediaType === '' || mediaType.length > MEDIA_TYPE_CHARACTERS)
      throw this.#wrong(`${at}.mediaType`, 'a media type', mediaType);
    if (typeof digest !== 'string') throw this.#wrong(`${at}.digest`, 'a digest', digest);
    if (!Number.isSafeInteger(size) || (size as number) < 0)
      throw this.#wrong(`${at}.size`, 'a number of bytes', size);
    this.#refuseUrls(value['urls'], at);
    const annotations = this.annotations(value, at);
    const artifactType = this.optionalText(value, 'artifactType', at);
    const platform = this.#platform(value['platform'], `${at}.platform`);
    return {
      mediaType,
      digest: parseDigest(digest),
      size: size as number,
      ...(annotations && { annotations }),
      ...(artifactType !== undefined && { artifactType }),
      ...(platform && { platform }),
    };
  }

  /** @throws LandfallError MANIFEST_INVALID, DIGEST_INVALID */
  descriptors(document: JsonObject, key: string): readonly Descriptor[] {
    const list = document[key];
    if (!Array.isArray(list)) throw this.#wrong(key, 'a list', list);
    return list.map((value: unknown, index) => this.descriptor(value, `${key}.${index}`));
  }

  /** @throws LandfallError MANIFEST_INVALID */
  annotations(value: JsonObject, at: string): Readonly<Record<string, string>> | undefined {
    const given = value['annotations'];
    const where = at === '' ? 'annotations' : `${at}.annotations`;
    if (given == null) return undefined;
    if (!isObject(given)) throw this.#wrong(where, 'an object', given);
    const wrong = Object.entries(given).find(([, text]) => typeof text !== 'string');
    if (wrong) throw this.#wrong(`${where}.${wrong[0].slice(0, 80)}`, 'a string', wrong[1]);
    return given as Readonly<Record<string, string>>;
  }

  /** @throws LandfallError MANIFEST_INVALID */
  optionalText(value: JsonObject, key: string, at: string): string | undefined {
    const text = value[key];
    if (text == null) return undefined;
    if (typeof text === 'string') return text === '' ? undefined : text;
    throw this.#wrong(at === '' ? key : `${at}.${key}`, 'a string', text);
  }

  #platform(value: unknown, at: string): Platform | undefined {
    if (value == null) return undefined;
    if (!isObject(value)) throw this.#wrong(at, 'an object', value);
    const { os, architecture } = value;
    if (typeof os !== 'string') throw this.#wrong(`${at}.os`, 'a string', os);
    if (typeof architecture !== 'string') throw this.#wrong(`${at}.architecture`, 'a string', architecture);
    const variant = this.optionalText(value, 'variant', at);
    return { os, architecture, ...(variant !== undefined && { variant }) };
  }

  /** Following a URL of the sender's choosing is how CVE-2020-15157 lost credentials. */
  #refuseUrls(urls: unknown, at: string): void {
    if (urls == null || (Array.isArray(urls) && urls.length === 0)) return;
    throw this.#invalid(`at ${at}: has urls: foreign layers are refused`);
  }

  #wrong(at: string, wanted: string, got: unknown): LandfallError {
    const shown = (JSON.stringify(got) ?? 'nothing').slice(0, 80);
    return this.#invalid(`at ${at}: wanted ${wanted}, got ${shown}`);
  }

  #invalid(why: string): LandfallError {
    return new LandfallError('MANIFEST_INVALID', `manifest ${this.#owner} ${why}`);
  }
}
