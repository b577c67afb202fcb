/** What a path asks for. @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#endpoints */
export type Route =
  | { readonly kind: 'version' }
  | { readonly kind: 'token' }
  | { readonly kind: 'manifest'; readonly repository: string; readonly reference: string }
  | { readonly kind: 'blob'; readonly repository: string; readonly digest: string }
  | { readonly kind: 'uploads'; readonly repository: string }
  | { readonly kind: 'upload'; readonly repository: string; readonly session: string }
  | { readonly kind: 'tags'; readonly repository: string }
  | { readonly kind: 'referrers'; readonly repository: string; readonly digest: string };

/** Where the bearer variant hands out tokens. */
export const TOKEN_PATH = '/token';

const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const UPLOAD = /^\/v2\/(.+)\/blobs\/uploads\/([^/]*)$/;
const LEAF = /^\/v2\/(.+)\/(manifests|blobs|referrers)\/([^/]+)$/;
const TAGS = /^\/v2\/(.+)\/tags\/list$/;

export const isRepositoryName = (name: string): boolean => NAME.test(name) && name.length <= 255;

function parseUpload(path: string): Route | undefined {
  const [, repository, session] = UPLOAD.exec(path) ?? [];
  if (repository === undefined || session === undefined) return undefined;
  return session === '' ? { kind: 'uploads', repository } : { kind: 'upload', repository, session };
}

function parseLeaf(path: string): Route | undefined {
  const [, repository, kind, last] = LEAF.exec(path) ?? [];
  if (repository === undefined || last === undefined) return undefined;
  if (kind === 'manifests') return { kind: 'manifest', repository, reference: last };
  return { kind: kind === 'blobs' ? 'blob' : 'referrers', repository, digest: last };
}

function parseTags(path: string): Route | undefined {
  const [, repository] = TAGS.exec(path) ?? [];
  return repository === undefined ? undefined : { kind: 'tags', repository };
}

/** Parses a decoded path; undefined where no endpoint is there. Repository names are not checked yet. */
export function parseRoute(path: string): Route | undefined {
  if (path === TOKEN_PATH) return { kind: 'token' };
  if (path === '/v2' || path === '/v2/') return { kind: 'version' };
  return parseUpload(path) ?? parseLeaf(path) ?? parseTags(path);
}
