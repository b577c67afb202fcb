import { LandfallError } from '../errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { algorithmOf, type Digest, digestOf, isDigest } from '../oci/digest.ts';
import { formatRepository, isTag, type Repository } from '../oci/reference.ts';
import { isWait } from './blobs.ts';
import type { BlobContent, PushBlobOptions, PushedManifest, RegistryCallOptions } from './client.ts';
import { type Answer, type Exchange, type ExchangeDeps, exchange, sourceOf } from './exchange.ts';
import { discard, excerpt } from './http/body.ts';
import { headerOf } from './http/header-text.ts';
import { uploadBody } from './http/upload-body.ts';
import { retrying } from './manners/retry.ts';

interface Upload {
  readonly repository: Repository;
  readonly what: string;
  readonly signal: AbortSignal | undefined;
}

/** What all requests of a push share. */
const pushing = ({ repository, what, signal }: Upload): Omit<Exchange, 'method' | 'path'> => ({
  repository,
  access: 'pull,push',
  subject: 'upload',
  what,
  signal,
  follow: false,
});

const protocol = (answer: Answer, what: string, why: string): LandfallError =>
  new LandfallError('REGISTRY_PROTOCOL', `${what}: ${sourceOf(answer)} ${why}`);

function requireStatus(answer: Answer, wanted: readonly number[], what: string): void {
  discard(answer.body);
  if (wanted.includes(answer.status)) return;
  throw protocol(answer, what, `answered ${answer.status} where ${wanted.join(' or ')} was wanted`);
}

/**
 * Where the bytes go: relative or absolute, on the registry's own origin, since they go with its authorization.
 * @throws LandfallError LINK_DENIED, REGISTRY_PROTOCOL
 */
function uploadPath(
  location: string | undefined,
  hop: { readonly origin: string; readonly path: string },
): string {
  if (location === undefined || location === '' || !URL.canParse(location, hop.origin + hop.path)) {
    throw new LandfallError('REGISTRY_PROTOCOL', `${hop.origin} opened an upload without a usable Location`);
  }
  const url = new URL(location, hop.origin + hop.path);
  if (url.origin !== hop.origin || url.username !== '' || url.password !== '') {
    throw new LandfallError('LINK_DENIED', `${hop.origin} wants the upload sent to ${url.origin}`, {
      hint: 'Uploads go to the registry itself only. Behind a proxy, set its external URL in the registry.',
    });
  }
  return url.pathname + url.search;
}

const NOT_MOUNTED = Symbol('not mounted');

/**
 * Opens an upload, or has the blob mounted: then there is nowhere to send it.
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#mounting-a-blob-from-another-repository
 */
async function openUpload(
  upload: Upload,
  mount: { readonly digest: Digest; readonly from: Repository } | undefined,
  deps: ExchangeDeps,
): Promise<string | undefined> {
  const query = mount && new URLSearchParams({ mount: mount.digest, from: mount.from.repository });
  const request: Exchange = {
    ...pushing(upload),
    method: 'POST',
    path: `/v2/${upload.repository.repository}/blobs/uploads/${query ? `?${query}` : ''}`,
    ...(mount && { alsoPull: mount.from.repository }),
    body: new Uint8Array(),
  };
  const accept = (answer: Answer): string | undefined => {
    requireStatus(answer, mount ? [201, 202] : [202], upload.what);
    if (answer.status === 202) return uploadPath(headerOf(answer.headers, 'location'), answer.hop);
    if (mount) checkReturned(answer, mount.digest, upload.what);
    return undefined;
  };
  // A registry that takes no mounting says so in many ways; sending it says what is really wrong.
  const tolerate = (status: number): typeof NOT_MOUNTED | undefined =>
    mount !== undefined && status < 500 && !isWait(status) ? NOT_MOUNTED : undefined;
  const opened = await exchange<string | undefined | typeof NOT_MOUNTED>(request, { accept, tolerate }, deps);
  return opened === NOT_MOUNTED ? openUpload(upload, undefined, deps) : opened;
}

/** A digest that the registry returns must be the one that was sent. */
function checkReturned(answer: Answer, wanted: string, what: string): void {
  const returned = headerOf(answer.headers, 'docker-content-digest');
  if (returned === undefined || returned === wanted) return;
  throw new LandfallError('DIGEST_MISMATCH', `${what}: sent ${wanted}, stored as ${excerpt(returned, 160)}`, {
    hint: 'The registry, or a proxy before it, changes what is pushed.',
  });
}

/**
 * Uploads a blob in one piece (POST, then PUT), unless it can be mounted.
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#post-then-put
 * @throws LandfallError PUSH_REFUSED, LINK_DENIED, DIGEST_MISMATCH, SIZE_MISMATCH, INPUT_UNREADABLE, UNAUTHORIZED, …
 */
export async function uploadBlob(
  repository: Repository,
  descriptor: Descriptor,
  content: BlobContent,
  options: PushBlobOptions | undefined,
  deps: ExchangeDeps,
): Promise<'sent' | 'mounted'> {
  const { digest, size } = descriptor;
  const what = `push of blob ${formatRepository(repository)}@${digest}`;
  const body = uploadBody(content, { size, what, ...(options?.onSent && { onSent: options.onSent }) });
  const upload: Upload = { repository, what, signal: options?.signal };
  const from = options?.mountFrom;
  const headers = { 'content-type': 'application/octet-stream', 'content-length': String(size) };
  const accept = (answer: Answer): void => {
    requireStatus(answer, [201, 204], what);
    checkReturned(answer, digest, what);
  };
  // An upload that broke off keeps what it got and takes no second beginning: each try opens its own.
  const { retry, clock } = deps.wire;
  const once: ExchangeDeps = { ...deps, wire: { ...deps.wire, retry: { ...retry, attempts: 1 } } };
  const send = async (): Promise<'sent' | 'mounted'> => {
    const path = await openUpload(upload, from && { digest, from }, once);
    if (path === undefined) return 'mounted';
    const target = `${path}${path.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`;
    await exchange({ ...pushing(upload), method: 'PUT', path: target, headers, body }, { accept }, once);
    return 'sent';
  };
  return retrying(send, { retry, clock, signal: upload.signal });
}

/**
 * Uploads a manifest under a tag or its digest.
 * @throws LandfallError PUSH_REFUSED, DIGEST_MISMATCH, UNAUTHORIZED, FORBIDDEN, …
 */
export async function uploadManifest(
  repository: Repository,
  manifest: { readonly reference: string; readonly mediaType: string; readonly bytes: Uint8Array },
  options: RegistryCallOptions | undefined,
  deps: ExchangeDeps,
): Promise<PushedManifest> {
  const { reference, mediaType, bytes } = manifest;
  if (!isTag(reference) && !isDigest(reference)) {
    throw new LandfallError('REFERENCE_INVALID', `${excerpt(reference, 160)} is neither a tag nor a digest`);
  }
  const digest = digestOf(bytes, isDigest(reference) ? algorithmOf(reference) : 'sha256');
  const what = `push of manifest ${formatRepository(repository)}${isDigest(reference) ? '@' : ':'}${reference}`;
  if (isDigest(reference) && digest !== reference) {
    throw new LandfallError('DIGEST_MISMATCH', `${what}: the bytes are ${digest}`);
  }
  const accept = (answer: Answer): PushedManifest => {
    requireStatus(answer, [201], what);
    checkReturned(answer, digest, what);
    return { isListed: headerOf(answer.headers, 'oci-subject') !== undefined };
  };
  const request: Exchange = {
    ...pushing({ repository, what, signal: options?.signal }),
    method: 'PUT',
    path: `/v2/${repository.repository}/manifests/${reference}`,
    headers: { 'content-type': mediaType },
    body: bytes,
  };
  return exchange(request, { accept }, deps);
}
