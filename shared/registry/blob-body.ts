import { Readable } from 'node:stream';
import { asLandfallError, LandfallError } from '../errors.ts';
import { BLOB_RESUMES } from '../limits.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { essenceOf } from '../oci/media-types.ts';
import { type Answer, sourceOf } from './exchange.ts';
import { headerOf } from './http/header-text.ts';
import { abortError, networkError } from './http/network-error.ts';

/** What is asked for. */
export interface BlobRequest {
  readonly what: string;
  readonly descriptor: Descriptor;
  readonly signal: AbortSignal | undefined;
  /** Asks for what is missing of it. */
  rest(from: number): Promise<Opened | undefined>;
}

/** An answer with a blob, or the rest of one. */
export interface Opened {
  readonly answer: Answer;
  readonly body: Readable;
  /** Bytes at its beginning that came before. */
  readonly skip: number;
  /** False: its bytes are not those that a range counts. */
  readonly hasRanges: boolean;
}

const sizeMismatch = (what: string, wanted: number, got: string): LandfallError =>
  new LandfallError('SIZE_MISMATCH', `${what}: its descriptor says ${wanted} bytes, ${got}`, {
    hint: 'The registry has other content under this digest than the manifest was made for; push it again.',
  });

/** What a broken body means: cut short it may come whole next time; a stall is the signal's. */
function bodyError(
  error: unknown,
  received: number,
  { what, descriptor, signal }: BlobRequest,
): LandfallError {
  if (signal?.aborted) return abortError(signal, what);
  const named = networkError(error, what, signal);
  // What cannot be decoded comes no better next time.
  if (named.code === 'REGISTRY_TIMEOUT' || /\(Z(?:STD)?_/.test(named.message)) return named;
  return new LandfallError(
    'BLOB_TRUNCATED',
    `${what}: cut off after ${received} of ${descriptor.size} bytes`,
    {
      cause: error,
    },
  );
}

/** Close-delimited bodies look the same cut as whole. */
const isFramed = ({ headers }: Answer): boolean =>
  headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;

/** A body that is not the blob, in whole or in part: a page, as its type says, or other bytes. */
export const servesHtml = ({ headers }: Answer): boolean =>
  /^(?:text\/html|application\/xhtml\+xml)$/.test(essenceOf(headerOf(headers, 'content-type') ?? ''));

export function wrongSize(answer: Answer, { what, descriptor }: BlobRequest, got: string): LandfallError {
  if (!servesHtml(answer)) return sizeMismatch(what, descriptor.size, got);
  return new LandfallError(
    'REGISTRY_PROTOCOL',
    `${what}: HTML was served as a layer by ${sourceOf(answer)}: the descriptor says ${descriptor.size} bytes, ${got}`,
    { hint: 'A login page or proxy answers for the registry or its storage; check the way there.' },
  );
}

/**
 * The body with its errors named, ended as soon as it grows over the descriptor's size. Where it is cut, the rest is
 * asked for, as long as each answer brings more: a layer of hundreds of megabytes need not come over one connection.
 */
export function countedBody(first: Opened, request: BlobRequest): Readable {
  const { descriptor } = request;
  let { body } = first;
  let received = 0;
  let resumes = 0;
  const counted = new Readable({
    highWaterMark: 256 * 1024,
    read: () => void body.resume(),
    destroy: (error, callback) => {
      body.destroy();
      callback(error);
    },
  });
  const resume = async (cause: unknown, from: number): Promise<void> => {
    const failure = (): LandfallError => bodyError(cause, received, request);
    const isWorthIt = first.hasRanges && received > from && resumes < BLOB_RESUMES;
    if (!isWorthIt || failure().code !== 'BLOB_TRUNCATED') return void counted.destroy(failure());
    resumes += 1;
    const rest = await request.rest(received).catch(() => undefined);
    if (rest === undefined) counted.destroy(failure());
    else if (counted.destroyed) rest.body.on('error', () => undefined).destroy();
    else take(rest);
  };
  const cutOff = (cause: unknown, from: number): void => {
    resume(cause, from).catch((error: unknown) => counted.destroy(asLandfallError(error)));
  };
  const take = (opened: Opened): void => {
    const { answer } = opened;
    const from = received;
    let { skip } = opened;
    body = opened.body;
    body.on('data', (chunk: Buffer) => {
      const bytes = skip === 0 ? chunk : chunk.subarray(skip);
      skip = Math.max(0, skip - chunk.length);
      received += bytes.length;
      if (received > descriptor.size) {
        counted.destroy(wrongSize(answer, request, 'and more came'));
      } else if (bytes.length > 0 && !counted.push(bytes)) body.pause();
    });
    body.on('end', () => {
      if (received === descriptor.size) counted.push(null);
      else if (isFramed(answer)) counted.destroy(wrongSize(answer, request, `and ${received} came`));
      else cutOff(new Error('connection closed'), from);
    });
    body.on('error', (error) => cutOff(error, from));
  };
  take(first);
  return counted;
}
