import type { Readable } from 'node:stream';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import { formatRepository, type Repository } from '../oci/reference.ts';
import { type BlobRequest, countedBody, type Opened, servesHtml, wrongSize } from './blob-body.ts';
import type { RegistryCallOptions } from './client.ts';
import { type Answer, type AnswerReader, type ExchangeDeps, exchange } from './exchange.ts';
import { discard, excerpt } from './http/body.ts';
import { blobBody, peekAt } from './http/content-coding.ts';
import { headerOf } from './http/header-text.ts';
import { refuseUnexpected } from './manifests.ts';

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
  const isUnsure = length === undefined && servesHtml(answer) && !/html/.test(descriptor.mediaType);
  const first = isUnsure ? await refusePage(answer, body, request) : body;
  return countedBody({ answer, body: first, skip: 0, hasRanges: !encoded }, request);
}

/** The rest of a blob. Of more than that, as where the registry knows no ranges, what came before is passed over. */
function openRest(answer: Answer, from: number, { what, descriptor }: BlobRequest): Opened | undefined {
  const [, start] = /^bytes (\d{1,15})-/.exec(headerOf(answer.headers, 'content-range') ?? '') ?? [];
  if (answer.status === 206 && Number(start) <= from)
    return { answer, body: answer.body, skip: from - Number(start), hasRanges: true };
  if (answer.status === 200)
    return { answer, body: blobBody(answer, descriptor.size, what).body, skip: from, hasRanges: true };
  discard(answer.body);
  return undefined;
}

const blobPath = (repository: Repository, digest: Digest): string =>
  `/v2/${repository.repository}/blobs/${digest}`;

/**
 * Opens a blob. The bytes are unproven; at most `descriptor.size` of them come.
 * On the stream: BLOB_TRUNCATED (cut in transit, and again where it was taken up), SIZE_MISMATCH, REGISTRY_TIMEOUT, CANCELLED.
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
  const get = <T>(headers: Readonly<Record<string, string>>, reading: AnswerReader<T>): Promise<T> =>
    exchange(
      {
        method: 'GET',
        repository,
        path: blobPath(repository, descriptor.digest),
        headers: { accept: '*/*', ...headers },
        access: 'pull',
        subject: 'blob',
        what,
        signal,
        follow: true,
      },
      reading,
      deps,
    );
  const request: BlobRequest = {
    what,
    descriptor,
    signal,
    rest: (from) => get({ range: `bytes=${from}-` }, { accept: (answer) => openRest(answer, from, request) }),
  };
  return get({}, { accept: (answer) => openBlob(answer, request) });
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
