import { LandfallError } from '../errors.ts';
import { isObject, type JsonObject, parseJson } from '../kernel/json.ts';
import { TAG_LIST_BYTES } from '../limits.ts';
import { formatRepository, isTag, type Repository } from '../oci/reference.ts';
import type { RegistryCallOptions } from './client.ts';
import { type Answer, type ExchangeDeps, exchange } from './exchange.ts';
import { excerpt, readUpTo } from './http/body.ts';
import { documentBody } from './http/content-coding.ts';
import { headerOf } from './http/header-text.ts';
import { nextPage } from './link.ts';
import { refuseUnexpected } from './manifests.ts';

/** ECR answers more with 405. */
const PAGE_SIZE = 1000;

interface Page {
  readonly tags: readonly string[];
  readonly bytes: number;
  readonly next: string | undefined;
}

interface PageRequest {
  readonly repository: Repository;
  readonly path: string;
  /** Bytes that all pages together may still have. */
  readonly budget: number;
  readonly signal: AbortSignal | undefined;
}

const what = (repository: Repository): string => `tags of ${formatRepository(repository)}`;

function parseTags(bytes: Buffer, repository: Repository): readonly string[] {
  const wrong = (why: string): LandfallError =>
    new LandfallError(
      'REGISTRY_PROTOCOL',
      `${what(repository)}: ${why}, starting with ${excerpt(bytes, 120)}`,
    );
  const parsed = parseJson(bytes);
  if (!parsed.ok) throw wrong('not JSON');
  const { name, tags } = isObject(parsed.value) ? parsed.value : ({} as JsonObject);
  // Registries say null for a repository without tags, or leave the key out of a list that names the repository.
  if (tags === null || (tags === undefined && typeof name === 'string')) return [];
  if (!Array.isArray(tags) || !tags.every((tag) => tag === null || typeof tag === 'string'))
    throw wrong('no list of `tags` in it');
  // A name that is no tag cannot be fetched, and must not reach a path.
  return tags.filter((tag): tag is string => tag !== null && isTag(tag));
}

async function readPage(answer: Answer, request: PageRequest): Promise<Page> {
  const { repository, budget, signal } = request;
  refuseUnexpected(answer, what(repository));
  const { bytes, whole } = await readUpTo(await documentBody(answer, what(repository)), budget, {
    what: what(repository),
    signal,
  });
  if (!whole) throw tooMany(repository, `more than ${TAG_LIST_BYTES} bytes`);
  const next = nextPage(headerOf(answer.headers, 'link'), request.path);
  return { tags: parseTags(bytes, repository), bytes: bytes.length, next };
}

const tooMany = (repository: Repository, why: string): LandfallError =>
  new LandfallError('TOO_MANY_TAGS', `${what(repository)}: ${why}`, {
    hint: 'Remove old tags, or follow one tag instead of a range; the limit is tagPages.',
  });

function fetchPage(request: PageRequest, deps: ExchangeDeps): Promise<Page> {
  const { repository, path, signal } = request;
  return exchange(
    {
      method: 'GET',
      repository,
      path,
      headers: { accept: 'application/json' },
      access: 'pull',
      subject: 'tags',
      what: what(repository),
      signal,
      follow: true,
    },
    { accept: (answer) => readPage(answer, request) },
    deps,
  );
}

/**
 * Every tag once, in the registry's order, over at most `limits.tagPages` pages of whatever length they come in.
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags
 * @throws LandfallError REPOSITORY_NOT_FOUND, LINK_DENIED, TOO_MANY_TAGS, REGISTRY_PROTOCOL, …
 */
export async function listTags(
  repository: Repository,
  options: RegistryCallOptions | undefined,
  deps: ExchangeDeps,
): Promise<readonly string[]> {
  const { tagPages } = options?.limits ?? deps.wire.limits;
  const tags = new Set<string>();
  const seen = new Set<string>();
  let budget = TAG_LIST_BYTES;
  let path: string | undefined = `/v2/${repository.repository}/tags/list?n=${PAGE_SIZE}`;
  while (path !== undefined) {
    if (seen.size >= tagPages) throw tooMany(repository, `more than ${tagPages} pages`);
    if (seen.has(path)) {
      throw new LandfallError(
        'LINK_DENIED',
        `${what(repository)}: page ${seen.size + 1} is one that was read before`,
        {
          hint: 'The registry, or a proxy before it, writes wrong Link headers; have it fixed there.',
        },
      );
    }
    seen.add(path);
    const page: Page = await fetchPage({ repository, path, budget, signal: options?.signal }, deps);
    for (const tag of page.tags) tags.add(tag);
    budget -= page.bytes;
    path = page.next;
  }
  return [...tags];
}
