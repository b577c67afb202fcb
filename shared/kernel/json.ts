import { compareBytes } from './byte-order.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a parsed value is a JSON object: neither null nor a list. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Replaces what is no UTF-8, as `Buffer.toString` does: what is read so is checked by its schema. */
const textOf = (content: Uint8Array | string): string =>
  typeof content === 'string'
    ? content
    : Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('utf8');

/** For JSON.stringify: the same text for the same value, whatever the order of its keys. */
export const sortedKeys = (_key: string, value: unknown): unknown =>
  isObject(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => compareBytes(a, b)))
    : value;

export type Parsed =
  | { readonly ok: true; readonly value: unknown }
  /** Never quotes the content: it may be a secret's. */
  | { readonly ok: false; readonly cause: unknown };

/** Parses JSON as a value, so that each caller says in its own words what was read. */
export function parseJson(content: Uint8Array | string): Parsed {
  try {
    return { ok: true, value: JSON.parse(textOf(content)) as unknown };
  } catch (cause) {
    return { ok: false, cause };
  }
}

/** The same of bytes that have to be UTF-8, for what no schema reads afterwards. */
export function parseUtf8Json(content: Uint8Array): Parsed {
  try {
    return parseJson(new TextDecoder('utf-8', { fatal: true }).decode(content));
  } catch (cause) {
    return { ok: false, cause };
  }
}

/** The JSON object in `content`; undefined where it is none. */
export function parseObject(content: Uint8Array | string): JsonObject | undefined {
  const parsed = parseJson(content);
  return parsed.ok && isObject(parsed.value) ? parsed.value : undefined;
}
