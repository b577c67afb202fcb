import { DER_EXTENSIONS } from '../../limits.ts';

/** An element of DER where it lies: lists of revoked certificates are too long to be made objects of. */
export interface DerPart {
  readonly tag: number;
  /** Of its content, in the bytes it was read from. */
  readonly from: number;
  readonly to: number;
  /** With tag and length. */
  readonly whole: Buffer;
  readonly value: Buffer;
}

const broken = (): Error => new Error('it is no DER');

/** Reads the length behind a tag: definite, in the fewest bytes, of less than 16 MiB. */
function lengthAt(bytes: Buffer, at: number): { readonly length: number; readonly from: number } {
  const first = bytes[at] ?? 0x80;
  if (first < 0x80) return { length: first, from: at + 1 };
  const count = first & 0x7f;
  if (count < 1 || count > 3 || at + 1 + count > bytes.length) throw broken();
  const length = bytes.readUIntBE(at + 1, count);
  if (length < 0x80 || length < 2 ** (8 * (count - 1))) throw broken();
  return { length, from: at + 1 + count };
}

/** The element that begins at a place. @throws Error */
function derPartAt(bytes: Buffer, at: number): DerPart {
  // Tags of more than a byte are in nothing that is read here.
  const tag = bytes[at] ?? 0x1f;
  if ((tag & 0x1f) === 0x1f) throw broken();
  const { length, from } = lengthAt(bytes, at + 1);
  const to = from + length;
  if (to > bytes.length) throw broken();
  return { tag, from, to, whole: bytes.subarray(at, to), value: bytes.subarray(from, to) };
}

/** The elements within bytes, one after the other, to their end. @throws Error */
export function* derParts(bytes: Buffer): Generator<DerPart> {
  for (let at = 0; at < bytes.length; ) {
    const element = derPartAt(bytes, at);
    yield element;
    at = element.to;
  }
}

/** Those of what has few: none is made of what comes behind the most that there may be. @throws Error */
export function fewParts(bytes: Buffer, most: number): readonly DerPart[] {
  const parts: DerPart[] = [];
  for (const part of derParts(bytes)) {
    if (parts.length === most) throw new Error(`it has more than ${most} elements where that is the most`);
    parts.push(part);
  }
  return parts;
}

/** One element and nothing behind it. @throws Error */
export function onlyPart(bytes: Buffer, tag: number): DerPart {
  const element = derPartAt(bytes, 0);
  if (element.tag !== tag || element.to !== bytes.length) throw broken();
  return element;
}

export const [SEQUENCE, INTEGER, OID, BITS, ENUMERATED] = [0x30, 0x02, 0x06, 0x03, 0x0a] as const;
const [BOOLEAN, OCTETS] = [0x01, 0x04] as const;
const [UTC_TIME, GENERALIZED_TIME] = [0x17, 0x18] as const;

export const isTime = ({ tag }: DerPart): boolean => tag === UTC_TIME || tag === GENERALIZED_TIME;

/** @see https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5 @throws Error */
export function derTime({ tag, value }: DerPart): Date {
  const text = value.toString('latin1');
  const match = (tag === UTC_TIME ? /^(\d\d)(\d{10})Z$/ : /^(\d{4})(\d{10})Z$/).exec(text);
  if (match === null) throw broken();
  const [, year = '', rest = ''] = match;
  const full = tag === UTC_TIME ? `${Number(year) < 50 ? 20 : 19}${year}` : year;
  const [month, day, hour, minute, second] = rest.match(/\d\d/g) ?? [];
  const time = new Date(`${full}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(time.getTime())) throw broken();
  return time;
}

export interface Extension {
  /** In hex, as it is in DER. */
  readonly id: string;
  readonly isCritical: boolean;
  readonly value: Buffer;
}

/** @param list the content of `Extensions`. @throws Error also where one is there twice */
export function extensionsOf(list: Buffer): ReadonlyMap<string, Extension> {
  const found = new Map<string, Extension>();
  for (const { tag, value } of fewParts(onlyPart(list, SEQUENCE).value, DER_EXTENSIONS)) {
    const [id, second, third] = fewParts(value, 3);
    const isMarked = second?.tag === BOOLEAN;
    const octets = isMarked ? third : second;
    if (tag !== SEQUENCE || id?.tag !== OID || octets?.tag !== OCTETS) throw broken();
    const name = id.value.toString('hex');
    if (found.has(name)) throw broken();
    found.set(name, { id: name, isCritical: isMarked && second.value[0] === 0xff, value: octets.value });
  }
  return found;
}
