import { isLandfallError, LandfallError } from '../errors.ts';
import { type Descriptor, usable } from '../oci/descriptor.ts';
import { type Digest, digestOf, isDigest } from '../oci/digest.ts';
import { parseManifest } from '../oci/manifest.ts';
import { essenceOf, OCI_INDEX } from '../oci/media-types.ts';
import { formatRepository, type Repository } from '../oci/reference.ts';
import { referrersTag } from '../oci/referrer.ts';
import type { RegistryCallOptions } from './client.ts';
import { type Answer, type ExchangeDeps, exchange } from './exchange.ts';
import { discard, readUpTo } from './http/body.ts';
import { documentBody } from './http/content-coding.ts';
import { headerOf } from './http/header-text.ts';
import { nextPage } from './link.ts';
import { fetchManifest, refuseUnexpected } from './manifests.ts';

interface Page {
  readonly descriptors: readonly Descriptor[];
  readonly next: string | undefined;
}

interface PageRequest {
  readonly repository: Repository;
  readonly path: string;
  readonly what: string;
  readonly signal: AbortSignal | undefined;
  /** Bytes of a page. */
  readonly limit: number;
}

/** The registry has no referrers API. */
const NO_API = 'no-api';
/** By the specification 404; by registries that know neither the path nor the media type, the others. */
const NO_API_STATUSES: ReadonlySet<number> = new Set([400, 404, 405, 406, 501]);

const wrong = (what: string, why: string): LandfallError =>
  new LandfallError('REGISTRY_PROTOCOL', `${what}: ${why}`);

function descriptorsOf(
  bytes: Uint8Array,
  contentType: string | undefined,
  what: string,
): readonly Descriptor[] {
  const parsed = parseManifest(bytes, digestOf(bytes), contentType);
  if (parsed.kind !== 'index') throw wrong(what, 'an image index was wanted, an image manifest came');
  // What is about the digest under an algorithm that we have not cannot be fetched.
  return parsed.manifests.filter(({ digest }) => isDigest(digest)).map(usable);
}

async function readPage(answer: Answer, request: PageRequest, limit: number): Promise<Page | typeof NO_API> {
  const { what, signal } = request;
  const contentType = headerOf(answer.headers, 'content-type');
  // Some registries answer every path they do not know with a page of their web interface.
  if (contentType !== undefined && essenceOf(contentType) === 'text/html') {
    discard(answer.body);
    return NO_API;
  }
  refuseUnexpected(answer, what);
  const { bytes, whole } = await readUpTo(await documentBody(answer, what), limit, { what, signal });
  if (!whole) throw new LandfallError('MANIFEST_TOO_LARGE', `${what}: more than ${limit} bytes`);
  const next = nextPage(headerOf(answer.headers, 'link'), request.path);
  return { descriptors: descriptorsOf(bytes, contentType, what), next };
}

function fetchPage(request: PageRequest, deps: ExchangeDeps): Promise<Page | typeof NO_API> {
  const { repository, path, what, signal } = request;
  return exchange<Page | typeof NO_API>(
    {
      method: 'GET',
      repository,
      path,
      headers: { accept: OCI_INDEX },
      access: 'pull',
      subject: 'referrers',
      what,
      signal,
      follow: true,
    },
    {
      accept: (answer) => readPage(answer, request, request.limit),
      tolerate: (status) => (NO_API_STATUSES.has(status) ? NO_API : undefined),
    },
    deps,
  );
}

/** @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#referrers-tag-schema */
async function byFallbackTag(
  repository: Repository,
  digest: Digest,
  options: RegistryCallOptions | undefined,
  deps: ExchangeDeps,
): Promise<readonly Descriptor[]> {
  const tag = referrersTag(digest);
  try {
    const { bytes, contentType } = await fetchManifest(repository, tag, options, deps);
    return descriptorsOf(bytes, contentType, `referrers tag ${formatRepository(repository)}:${tag}`);
  } catch (error) {
    // A subject nobody refers to has no tag; whether the repository is there was found out before.
    if (isLandfallError(error) && (error.code === 'TAG_NOT_FOUND' || error.code === 'REPOSITORY_NOT_FOUND'))
      return [];
    throw error;
  }
}

/**
 * Manifests whose subject is `digest`: by the referrers API, or its fallback tag where there is none.
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
 * @throws LandfallError LINK_DENIED, REGISTRY_PROTOCOL, MANIFEST_INVALID, MANIFEST_TOO_LARGE, …
 */
export async function listReferrers(
  repository: Repository,
  digest: Digest,
  options: RegistryCallOptions | undefined,
  deps: ExchangeDeps,
): Promise<readonly Descriptor[]> {
  const what = `referrers of ${formatRepository(repository)}@${digest}`;
  const { tagPages, manifestBytes } = options?.limits ?? deps.wire.limits;
  const found: Descriptor[] = [];
  const seen = new Set<string>();
  let path: string | undefined = `/v2/${repository.repository}/referrers/${digest}`;
  while (path !== undefined) {
    if (seen.has(path))
      throw new LandfallError('LINK_DENIED', `${what}: a page links to one that was read before`);
    if (seen.size >= tagPages) throw wrong(what, `more than ${tagPages} pages`);
    seen.add(path);
    const page: Page | typeof NO_API = await fetchPage(
      { repository, path, what, signal: options?.signal, limit: manifestBytes },
      deps,
    );
    if (page === NO_API) return byFallbackTag(repository, digest, options, deps);
    found.push(...page.descriptors);
    path = page.next;
  }
  return found;
}
