import { LandfallError } from '../errors.ts';
import { algorithmOf, type Digest, digestOf, isDigest } from '../oci/digest.ts';
import { essenceOf, MANIFEST_TYPES } from '../oci/media-types.ts';
import { formatRepository, isTag, type Repository } from '../oci/reference.ts';
import { isSchema1, schema1 } from '../oci/schema1.ts';
import { discard, excerpt, readUpTo } from './body.ts';
import type { CallOptions, FetchedManifest } from './client.ts';
import { type Answer, type ExchangeDeps, exchange, sourceOf } from './exchange.ts';
import { headerOf } from './wire.ts';

/** All of them, always: Docker Hub answers a shorter list with one platform's child of an index. */
const ACCEPT = MANIFEST_TYPES.join(', ');

const EXCERPT_CHARACTERS = 120;

/** `oci://host/repository:tag` or `…@digest`. */
const named = (repository: Repository, reference: string): string =>
  `${formatRepository(repository)}${isDigest(reference) ? '@' : ':'}${reference}`;

function request(
  method: 'GET' | 'HEAD',
  repository: Repository,
  reference: string,
  options: CallOptions | undefined,
) {
  if (!isTag(reference) && !isDigest(reference)) {
    throw new LandfallError('REFERENCE_INVALID', `${excerpt(reference, 160)} is neither a tag nor a digest`);
  }
  return {
    method,
    repository,
    path: `/v2/${repository.repository}/manifests/${reference}`,
    headers: { accept: ACCEPT },
    access: 'pull',
    subject: 'manifest',
    what: `manifest ${named(repository, reference)}`,
    signal: options?.signal,
    follow: true,
  } as const;
}

/** Statuses by which a registry says that it does not do HEAD here, or 404, for which only a GET says why. */
const ASK_AGAIN: ReadonlySet<number> = new Set([400, 404, 405, 406, 501]);

/**
 * The digest that the registry claims for a tag, with one HEAD; undefined where it makes no claim.
 * @throws LandfallError TAG_NOT_FOUND, REPOSITORY_NOT_FOUND, …
 */
export async function peekDigest(
  repository: Repository,
  tag: string,
  options: CallOptions | undefined,
  deps: ExchangeDeps,
): Promise<Digest | undefined> {
  const head = request('HEAD', repository, tag, options);
  const claim = await exchange<{ readonly digest: string | undefined } | 404 | 'unclaimed'>(
    head,
    {
      accept: (answer) => {
        discard(answer.body);
        return answer.status === 200
          ? { digest: headerOf(answer.headers, 'docker-content-digest') }
          : 'unclaimed';
      },
      tolerate: (status) => (status === 404 ? 404 : ASK_AGAIN.has(status) ? 'unclaimed' : undefined),
    },
    deps,
  );
  if (claim === 'unclaimed') return undefined;
  // A HEAD has no body: only a GET tells a missing tag from a missing repository.
  if (claim === 404) return (await fetchManifest(repository, tag, options, deps)).digest;
  return claim.digest !== undefined && isDigest(claim.digest) ? claim.digest : undefined;
}

const BRACE = '{'.charCodeAt(0);
const isBlank = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);

const isObject = (bytes: Uint8Array): boolean => bytes.find((byte) => !isBlank(byte)) === BRACE;

/** Whatever it is sent as, a manifest is a JSON object; what is sent as one is left to whoever reads it. */
const maybeManifest = (contentType: string, bytes: Uint8Array): boolean =>
  MANIFEST_TYPES.includes(essenceOf(contentType)) || isObject(bytes);

function refuseType(answer: Answer, contentType: string, start: Uint8Array, what: string): LandfallError {
  const html = /html/i.test(contentType);
  return new LandfallError(
    'MEDIA_TYPE_UNSUPPORTED',
    `${what}: ${sourceOf(answer)} sent ${excerpt(contentType, EXCERPT_CHARACTERS)}, starting with ${excerpt(start, EXCERPT_CHARACTERS)}`,
    {
      hint: html
        ? 'A web page came instead of a manifest: check the host and path, and any login page or proxy in between.'
        : 'Landfall reads OCI manifests and indexes and Docker v2 manifests and lists.',
    },
  );
}

/**
 * The digest of the bytes, held against the digest that was asked for. For a tag it is held against what the registry
 * claims, if that is a digest: then something changed the bytes on the way.
 */
function proveDigest(bytes: Uint8Array, reference: string, header: string | undefined, what: string): Digest {
  const mismatch = (wanted: string, got: Digest, who: string): LandfallError =>
    new LandfallError(
      'DIGEST_MISMATCH',
      `${what}: ${who} ${excerpt(wanted, 160)}, but the bytes are ${got}`,
      {
        hint: 'The registry or something before it changed the content; nothing of it was used.',
      },
    );
  if (isDigest(reference)) {
    const digest = digestOf(bytes, algorithmOf(reference));
    if (digest !== reference) throw mismatch(reference, digest, 'asked for');
    return digest;
  }
  const claimed = header !== undefined && isDigest(header) ? header : undefined;
  const digest = digestOf(bytes, claimed === undefined ? 'sha256' : algorithmOf(claimed));
  if (claimed === undefined || digest === claimed) return digest;
  if (isSchema1(bytes)) throw schema1(what);
  throw mismatch(claimed, digest, 'Docker-Content-Digest says');
}

async function readManifest(
  answer: Answer,
  reference: string,
  what: string,
  options: CallOptions | undefined,
  limit: number,
): Promise<FetchedManifest> {
  refuseStatus(answer, what);
  const contentType = headerOf(answer.headers, 'content-type');
  const read = await readUpTo(answer.body, limit, { what, signal: options?.signal });
  const bytes = read.whole ? await decodedBody(read.bytes, answer, limit, what) : undefined;
  if (contentType !== undefined && !maybeManifest(contentType, bytes ?? read.bytes))
    throw refuseType(answer, contentType, read.bytes, what);
  if (bytes === undefined) {
    throw new LandfallError('MANIFEST_TOO_LARGE', `${what}: more than ${limit} bytes`, {
      hint: 'Manifests are small; check that the reference names an artifact. The limit is manifestBytes.',
    });
  }
  const digest = proveDigest(bytes, reference, headerOf(answer.headers, 'docker-content-digest'), what);
  return { bytes, digest, contentType };
}

/**
 * A proxy may compress what was asked for as it is: gzip is undone within the limit, and a label on plain JSON does
 * not count. Undefined where it unpacks to more than `limit` bytes.
 */
async function decodedBody(
  bytes: Buffer,
  answer: Answer,
  limit: number,
  what: string,
): Promise<Uint8Array | undefined> {
  const encoding = headerOf(answer.headers, 'content-encoding');
  if (encoding === undefined || isObject(bytes)) return bytes;
  const wrong = `sent Content-Encoding ${excerpt(encoding, 60)} where none was asked for`;
  const { gunzipSync } = await import('node:zlib');
  try {
    const decoded = gunzipSync(bytes, { maxOutputLength: limit });
    if (isObject(decoded)) return decoded;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE') return undefined;
  }
  throw unexpected(answer, what, wrong);
}

function refuseStatus(answer: Answer, what: string): void {
  if (answer.status !== 200) throw unexpected(answer, what, `answered ${answer.status} where 200 was wanted`);
}

function unexpected(answer: Answer, what: string, why: string): LandfallError {
  discard(answer.body);
  return new LandfallError('REGISTRY_PROTOCOL', `${what}: ${sourceOf(answer)} ${why}`, {
    hint: 'A cache or proxy before the registry may be doing this.',
    detail: { status: answer.status },
  });
}

/**
 * Refuses what is not a plain, whole, unencoded 200: nothing was asked for by range or condition, and encodings are
 * a way round every limit on bytes.
 * @throws LandfallError REGISTRY_PROTOCOL
 */
export function refuseUnexpected(answer: Answer, what: string): void {
  refuseStatus(answer, what);
  const encoding = headerOf(answer.headers, 'content-encoding');
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return;
  throw unexpected(answer, what, `sent Content-Encoding ${excerpt(encoding, 60)} where none was asked for`);
}

/**
 * A manifest's bytes with the digest computed from them.
 * @throws LandfallError DIGEST_MISMATCH, MANIFEST_TOO_LARGE, MEDIA_TYPE_UNSUPPORTED, REGISTRY_PROTOCOL, …
 */
export async function fetchManifest(
  repository: Repository,
  reference: string,
  options: CallOptions | undefined,
  deps: ExchangeDeps,
): Promise<FetchedManifest> {
  const get = request('GET', repository, reference, options);
  const { manifestBytes } = options?.limits ?? deps.wire.limits;
  return exchange(
    get,
    { accept: (answer) => readManifest(answer, reference, get.what, options, manifestBytes) },
    deps,
  );
}
