import { steadyNow } from '../clock.ts';
import { LandfallError } from '../errors.ts';
import { algorithmOf, type Digest, digestOf, isDigest } from '../oci/digest.ts';
import { essenceOf, MANIFEST_TYPES } from '../oci/media-types.ts';
import { formatRepository, isTag, type Repository } from '../oci/reference.ts';
import { isSchema1, schema1 } from '../oci/schema1.ts';
import type { FetchedManifest, RegistryCallOptions } from './client.ts';
import { type Answer, type ExchangeDeps, exchange, sourceOf } from './exchange.ts';
import { discard, excerpt, readUpTo } from './http/body.ts';
import { documentBody } from './http/content-coding.ts';
import { headerOf } from './http/header-text.ts';

/** All of them, always: Docker Hub answers a shorter list with one platform's child of an index. */
const ACCEPT = MANIFEST_TYPES.join(', ');

const EXCERPT_CHARACTERS = 120;

/** `oci://host/repository:tag` or `…@digest`. */
const named = (repository: Repository, reference: string): string =>
  `${formatRepository(repository)}${isDigest(reference) ? '@' : ':'}${reference}`;

/** A request for a manifest. @throws LandfallError REFERENCE_INVALID */
export function manifestRequest(
  method: 'GET' | 'HEAD',
  repository: Repository,
  reference: string,
  options: RegistryCallOptions | undefined,
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
    if (digest === reference) return digest;
    // Its digest is over what its signature is for, which is less than the bytes.
    if (isSchema1(bytes)) throw schema1(what);
    throw mismatch(reference, digest, 'asked for');
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
  options: RegistryCallOptions | undefined,
  limit: number,
): Promise<FetchedManifest> {
  refuseUnexpected(answer, what);
  const contentType = headerOf(answer.headers, 'content-type');
  const source = { what, signal: options?.signal };
  const { bytes, whole } = await readUpTo(await documentBody(answer, what), limit, source);
  if (contentType !== undefined && !maybeManifest(contentType, bytes))
    throw refuseType(answer, contentType, bytes.subarray(0, EXCERPT_CHARACTERS), what);
  if (!whole) {
    throw new LandfallError('MANIFEST_TOO_LARGE', `${what}: more than ${limit} bytes`, {
      hint: 'Manifests are small; check that the reference names an artifact. The limit is manifestBytes.',
    });
  }
  const digest = proveDigest(bytes, reference, headerOf(answer.headers, 'docker-content-digest'), what);
  return { bytes, digest, contentType };
}

/**
 * Refuses what is not a plain, whole 200: nothing was asked for by range or condition.
 * @throws LandfallError REGISTRY_PROTOCOL
 */
export function refuseUnexpected(answer: Answer, what: string): void {
  if (answer.status === 200) return;
  discard(answer.body);
  const wrong = `answered ${answer.status} where 200 was wanted`;
  throw new LandfallError('REGISTRY_PROTOCOL', `${what}: ${sourceOf(answer)} ${wrong}`, {
    hint: 'A cache or proxy before the registry may be doing this.',
    detail: { status: answer.status },
  });
}

/**
 * A manifest's bytes with the digest computed from them.
 * @throws LandfallError DIGEST_MISMATCH, MANIFEST_TOO_LARGE, MEDIA_TYPE_UNSUPPORTED, REGISTRY_PROTOCOL, …
 */
export async function fetchManifest(
  repository: Repository,
  reference: string,
  options: RegistryCallOptions | undefined,
  deps: ExchangeDeps,
): Promise<FetchedManifest> {
  const get = manifestRequest('GET', repository, reference, options);
  const { manifestBytes } = options?.limits ?? deps.wire.limits;
  const manifest = await exchange(
    get,
    { accept: (answer) => readManifest(answer, reference, get.what, options, manifestBytes) },
    deps,
  );
  const { head } = await deps.endpointOf(repository, options?.signal);
  head.gotInstead(get.what, steadyNow(deps.wire.clock));
  return manifest;
}
