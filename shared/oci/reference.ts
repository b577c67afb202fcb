import { LandfallError } from '../errors.ts';
import { REPOSITORY_CHARACTERS } from '../limits.ts';
import { type Digest, parseDigest } from './digest.ts';

/** A repository in a registry. `registry` is the host as users write it, lower case, with its port if any. */
export interface Repository {
  readonly registry: string;
  readonly repository: string;
  /** Of the source that asks, where its secrets are bound to teams (shared/credentials/secret-binding.ts). */
  readonly namespace?: string;
}

/** What is asked of a repository: a tag, a digest, or a tag that must be this digest. */
type Selector =
  | { readonly kind: 'none' }
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'digest'; readonly digest: Digest }
  | { readonly kind: 'tag+digest'; readonly tag: string; readonly digest: Digest };

export interface Reference extends Repository {
  readonly selector: Selector;
}

/** @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests */
const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const HOST =
  /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/;

const DOCKER_HUB_ALIASES = new Set([
  'docker.io',
  'index.docker.io',
  'registry-1.docker.io',
  'registry.hub.docker.com',
]);
export const DOCKER_HUB = 'docker.io';

/** An "@" that does not begin a digest. */
const STRAY_AT = /@(?!(?:sha|md)[0-9]+:)/;

/** A password may hold any character, "/" too: what stands before a stray "@" may be one, and nothing of it is repeated. */
function refuseUserinfo(text: string): void {
  if (!STRAY_AT.test(text)) return;
  throw new LandfallError(
    'REFERENCE_INVALID',
    'the reference carries a user or password before its host, or an "@" that no digest follows',
    {
      hint: 'Leave them out, and give them with --registry-creds HOST=USER:PASS or under credentials; write a digest as @sha256:…',
    },
  );
}

function refuseQuery(text: string): void {
  const at = text.indexOf('?');
  if (at >= 0) throw invalid(`${text.slice(0, at)}?…`, 'has a query');
}

const invalid = (text: string, why: string): LandfallError =>
  new LandfallError('REFERENCE_INVALID', `reference ${JSON.stringify(text.slice(0, 300))}: ${why}`, {
    hint: 'Write oci://registry.example/repository, with :tag or @sha256:… where a command takes one.',
  });

export const isTag = (text: string): boolean => TAG.test(text);

function parseHost(text: string, host: string): string {
  const lower = host.toLowerCase();
  const port = /:([0-9]+)$/.exec(lower)?.[1];
  // What looks like an address in brackets need not be one, and would be no URL.
  if (!HOST.test(lower) || lower.length > REPOSITORY_CHARACTERS || !URL.canParse(`https://${lower}/`))
    throw invalid(text, `${JSON.stringify(host)} is not a registry host`);
  if (port !== undefined && Number(port) > 65_535) throw invalid(text, `port ${port} is over 65535`);
  return DOCKER_HUB_ALIASES.has(lower) ? DOCKER_HUB : lower;
}

function parseRepositoryName(text: string, registry: string, name: string): string {
  const full = registry === DOCKER_HUB && !name.includes('/') ? `library/${name}` : name;
  if (!REPOSITORY.test(full) || full.length > REPOSITORY_CHARACTERS) {
    throw invalid(text, `repository ${JSON.stringify(name)} is not lower-case components separated by "/"`);
  }
  return full;
}

function parseSelector(text: string, tag: string | undefined, digest: string | undefined): Selector {
  if (tag !== undefined && !isTag(tag))
    throw invalid(text, `tag ${JSON.stringify(tag)} is not 1 to 128 of [A-Za-z0-9._-]`);
  const parsed = digest === undefined ? undefined : parseDigest(digest);
  if (parsed === undefined) return tag === undefined ? { kind: 'none' } : { kind: 'tag', tag };
  return tag === undefined ? { kind: 'digest', digest: parsed } : { kind: 'tag+digest', tag, digest: parsed };
}

/**
 * Parses `oci://host[:port]/repository[:tag][@digest]`. The scheme is required: without it `a/b` could be a path.
 * Docker Hub's aliases become `docker.io`, with `library/` added.
 * @throws LandfallError REFERENCE_INVALID, DIGEST_INVALID
 */
export function parseReference(text: string): Reference {
  refuseUserinfo(text);
  refuseQuery(text);
  if (!text.startsWith('oci://')) throw invalid(text, 'does not start with oci://');
  if (text.length > 'oci://'.length && text.endsWith('/')) throw invalid(text, 'ends with "/"');
  const rest = text.slice('oci://'.length);
  const slash = rest.indexOf('/');
  if (slash < 1) throw invalid(text, 'has no repository after the registry host');
  const registry = parseHost(text, rest.slice(0, slash));
  const at = rest.indexOf('@', slash);
  const digest = at < 0 ? undefined : rest.slice(at + 1);
  const named = rest.slice(slash + 1, at < 0 ? undefined : at);
  const colon = named.indexOf(':');
  const tag = colon < 0 ? undefined : named.slice(colon + 1);
  const repository = parseRepositoryName(text, registry, colon < 0 ? named : named.slice(0, colon));
  return { registry, repository, selector: parseSelector(text, tag, digest) };
}

/** Parses a source's `url`, which names a repository and nothing in it. @throws LandfallError REFERENCE_INVALID */
export function parseRepository(text: string): Repository {
  const { registry, repository, selector } = parseReference(text);
  if (selector.kind !== 'none') throw invalid(text, 'url must not carry a tag or digest; put it under ref');
  return { registry, repository };
}

export const formatRepository = ({ registry, repository }: Repository): string =>
  `oci://${registry}/${repository}`;
