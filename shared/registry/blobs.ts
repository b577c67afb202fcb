import type { Readable } from 'node:stream';
import { Readable as ReadableStream } from 'node:stream';
import { LandfallError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { essenceOf } from '../oci/media-types.ts';
import { formatRepository, type Repository } from '../oci/reference.ts';
import type { RegistryCallOptions } from './client.ts';
import { type Answer, type ExchangeDeps, exchange, sourceOf } from './exchange.ts';
import { discard, excerpt } from './http/body.ts';
import { blobBody, peekAt } from './http/content-coding.ts';
import { abortError, networkError } from './http/network-error.ts';
import { headerOf } from './http/wire.ts';
import { refuseUnexpected } from './manifests.ts';

interface BlobRequest {
  readonly what: string;
  readonly descriptor: Descriptor;
  readonly signal: AbortSignal | undefined;
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
const isPage = ({ headers }: Answer): boolean =>
  /^(?:text\/html|application\/xhtml\+xml)$/.test(essenceOf(headerOf(headers, 'content-type') ?? ''));

function wrongSize(answer: Answer, { what, descriptor }: BlobRequest, got: string): LandfallError {
  if (!isPage(answer)) return sizeMismatch(what, descriptor.size, got);
  return new LandfallError(
    'REGISTRY_PROTOCOL',
    `${what}: HTML was served as a layer by ${sourceOf(answer)}: the descriptor says ${descriptor.size} bytes, ${got}`,
    { hint: 'A login page or proxy answers for the registry or its storage; check the way there.' },
  );
}

/** The body with its errors named, ended as soon as it grows over the descriptor's size. */
function countedBody(answer: Answer, body: Readable, request: BlobRequest): Readable {
  const { descriptor } = request;
  let received = 0;
  const counted = new ReadableStream({
    highWaterMark: 256 * 1024,
    read: () => void body.resume(),
    destroy: (error, callback) => {
      body.destroy();
      callback(error);
    },
  });
  body.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received > descriptor.size) {
      counted.destroy(wrongSize(answer, request, 'and more came'));
    } else if (!counted.push(chunk)) body.pause();
  });
  body.on('end', () => {
    if (received === descriptor.size) counted.push(null);
    else if (isFramed(answer)) counted.destroy(wrongSize(answer, request, `and ${received} came`));
    else counted.destroy(bodyError(new Error('connection closed'), received, request));
  });
  body.on('error', (error) => counted.destroy(bodyError(error, received, request)));
  return counted;
}

/** A page where no length says how much will come: known by how it begins, before it is taken for a layer. */
async function refusePage(answer: Answer, body: Readable, request: BlobRequest): Promise<Readable> {
  const { start, rest } = await peekAt(body);
  if (!/^\s*<(?:!doctype html|html)\b/i.test(Buffer.from(start.subarray(0, 200)).toString('latin1')))
    return rest;
  rest.destroy();
  throw wrongSize(answer, request, `it starts with ${excerpt(start, 120)}`);
}

/** What the bytes are called does not matter: whoever reads them hashes them. */
async function openBlob(answer: Answer, request: BlobRequest): Promise<Readable> {
  const { what, descriptor } = request;
  refuseUnexpected(answer, what);
  const { body, encoded } = blobBody(answer, descriptor.size, what);
  const length = headerOf(answer.headers, 'content-length');
  if (!encoded && length !== undefined && Number(length) !== descriptor.size) {
    answer.body.on('error', () => undefined).destroy();
    throw wrongSize(answer, request, `its Content-Length ${excerpt(length, 40)}`);
  }
  const isUnsure = length === undefined && isPage(answer) && !/html/.test(descriptor.mediaType);
  return countedBody(answer, isUnsure ? await refusePage(answer, body, request) : body, request);
}

const blobPath = (repository: Repository, digest: Digest): string =>
  `/v2/${repository.repository}/blobs/${digest}`;

/**
 * Opens a blob. The bytes are unproven; at most `descriptor.size` of them come.
 * On the stream: BLOB_TRUNCATED (cut in transit), SIZE_MISMATCH, REGISTRY_TIMEOUT, CANCELLED.
 * @throws LandfallError BLOB_NOT_FOUND, SIZE_MISMATCH, REGISTRY_PROTOCOL, …
 */
export async function fetchBlob(
  repository: Repository,
  descriptor: Descriptor,
  options: RegistryCallOptions | undefined,
  deps: ExchangeDeps,
): Promise<Readable> {
  const what = `blob ${formatRepository(repository)}@${descriptor.digest}`;
  const signal = options?.signal;
  return exchange(
    {
      method: 'GET',
      repository,
      path: blobPath(repository, descriptor.digest),
      headers: { accept: '*/*' },
      access: 'pull',
      subject: 'blob',
      what,
      signal,
      follow: true,
    },
    { accept: (answer) => openBlob(answer, { what, descriptor, signal }) },
    deps,
  );
}

/** "Not now", which says nothing of HEAD. */
const WAITED_FOR: ReadonlySet<number> = new Set([408, 425, 429]);
export const isWait = (status: number): boolean => WAITED_FOR.has(status);

/**
 * Asks whether a blob is there. A redirect says that it is: storage need not be asked, and may refuse HEAD. So may the
 * registry: then it is not known to be there, and sending it says what is really wrong.
 */
export async function blobExists(
  repository: Repository,
  digest: Digest,
  options: RegistryCallOptions | undefined,
  deps: ExchangeDeps,
): Promise<boolean> {
  return exchange(
    {
      method: 'HEAD',
      repository,
      path: blobPath(repository, digest),
      access: 'pull,push',
      subject: 'blob',
      what: `blob ${formatRepository(repository)}@${digest}`,
      signal: options?.signal,
      follow: false,
    },
    {
      accept: (answer) => {
        discard(answer.body);
        return true;
      },
      tolerate: (status) => (status < 500 && !isWait(status) ? false : undefined),
    },
    deps,
  );
}
