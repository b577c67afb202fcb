import { pipeline, Readable, type Transform } from 'node:stream';
import { createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { LandfallError } from '../../errors.ts';
import { type Answer, sourceOf } from '../exchange.ts';
import { discard, excerpt } from './body.ts';
import { headerOf } from './header-text.ts';

/** What a proxy may have encoded with, though identity was asked for. One coding: nobody has reason for more. */
const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  zstd: createZstdDecompress,
};

/** Compressed data of these codings never begins so. */
const isDocument = (start: Uint8Array): boolean =>
  /^(?:\ufeff)?\s*[{[]/.test(Buffer.from(start).toString('utf8'));

/** What an answer says it is encoded with; undefined for nothing. */
function codingOf({ headers }: Answer): string | undefined {
  const header = headerOf(headers, 'content-encoding')?.trim().toLowerCase() ?? '';
  return header === '' || header === 'identity' ? undefined : header;
}

/** @throws LandfallError REGISTRY_PROTOCOL for a coding that is not taken */
function refuseUnknown(coding: string, answer: Answer, what: string): void {
  if (Object.hasOwn(DECODERS, coding)) return;
  discard(answer.body);
  throw new LandfallError(
    'REGISTRY_PROTOCOL',
    `${what}: ${sourceOf(answer)} sent Content-Encoding ${excerpt(coding, 60)} where none was asked for`,
    { hint: 'A cache or proxy before the registry may be doing this.' },
  );
}

/** As it comes out of a decoder: what cannot be decoded is an error of the stream. */
function decoded(body: Readable, coding: string): Readable {
  const decoder = DECODERS[coding]?.();
  if (decoder === undefined) return body;
  return pipeline(body, decoder, () => undefined);
}

/** The first chunk of a body, and a body that has it all. */
export async function peekAt(
  body: Readable,
): Promise<{ readonly start: Uint8Array; readonly rest: Readable }> {
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = await chunks.next();
  const start = first.done ? Buffer.alloc(0) : first.value;
  const rest = Readable.from(
    (async function* () {
      yield start;
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
    })(),
    { objectMode: false },
  );
  rest.once('close', () => body.destroy());
  return { start, rest };
}

/**
 * The body of a JSON document: decoded where it is encoded, as it is where the header lies (a CDN, or storage with old
 * metadata). Whoever reads it counts what comes out.
 * @throws LandfallError REGISTRY_PROTOCOL
 */
export async function documentBody(answer: Answer, what: string): Promise<Readable> {
  const coding = codingOf(answer);
  if (coding === undefined) return answer.body;
  const { start, rest } = await peekAt(answer.body);
  if (isDocument(start)) return rest;
  refuseUnknown(coding, answer, what);
  return decoded(rest, coding);
}

/**
 * The body of a blob of a known size. With that very Content-Length it is the blob itself: a layer that is gzip, whose
 * storage says so in the wrong header. Else it was encoded on the way.
 * @throws LandfallError REGISTRY_PROTOCOL
 */
export function blobBody(
  answer: Answer,
  size: number,
  what: string,
): { readonly body: Readable; readonly encoded: boolean } {
  const coding = codingOf(answer);
  const length = headerOf(answer.headers, 'content-length');
  if (coding === undefined || Number(length) === size) return { body: answer.body, encoded: false };
  refuseUnknown(coding, answer, what);
  return { body: decoded(answer.body, coding), encoded: true };
}
