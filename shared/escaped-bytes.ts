import { isUtf8 } from 'node:buffer';

/** A byte that is no UTF-8 stands as the lone surrogate U+DC00 and its value, which no UTF-8 can hold. */
const ESCAPE = 0xdc00;
const ESCAPED = /([\udc80-\udcff])/u;

const sequenceLength = (lead: number): number => (lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4);

/**
 * Bytes as text that {@link bytesOf} turns back into the same bytes, whatever they are: a password may be in
 * Latin-1, and has to be sent as it is.
 */
export function textOf(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return buffer.toString('utf8');
  const parts: string[] = [];
  for (let at = 0; at < buffer.length; ) {
    const lead = buffer[at] ?? 0;
    const sequence = buffer.subarray(at, at + sequenceLength(lead));
    const whole = isUtf8(sequence);
    parts.push(whole ? sequence.toString('utf8') : String.fromCharCode(ESCAPE + lead));
    at += whole ? sequence.length : 1;
  }
  return parts.join('');
}

/** The bytes of a text of {@link textOf}; of every other text its UTF-8. */
export function bytesOf(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text, 'utf8');
  return Buffer.concat(
    text
      .split(ESCAPED)
      .map((part) =>
        ESCAPED.test(part) ? Buffer.of(part.charCodeAt(0) - ESCAPE) : Buffer.from(part, 'utf8'),
      ),
  );
}
