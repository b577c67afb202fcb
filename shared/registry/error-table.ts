import type { ErrorCode } from '../errors.ts';

/** What a request was about; decides what a 404 that says nothing means. */
export type Subject = 'manifest' | 'blob' | 'tags' | 'referrers' | 'token' | 'upload' | 'storage';

/** @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes */
const BY_OCI_CODE: Readonly<Record<string, ErrorCode>> = {
  NAME_UNKNOWN: 'REPOSITORY_NOT_FOUND',
  MANIFEST_UNKNOWN: 'TAG_NOT_FOUND',
  BLOB_UNKNOWN: 'BLOB_NOT_FOUND',
  MANIFEST_BLOB_UNKNOWN: 'PUSH_REFUSED',
  BLOB_UPLOAD_UNKNOWN: 'PUSH_REFUSED',
};

const NOT_FOUND: Readonly<Record<Subject, ErrorCode>> = {
  manifest: 'TAG_NOT_FOUND',
  blob: 'BLOB_NOT_FOUND',
  storage: 'BLOB_NOT_FOUND',
  tags: 'REPOSITORY_NOT_FOUND',
  referrers: 'REPOSITORY_NOT_FOUND',
  upload: 'REPOSITORY_NOT_FOUND',
  token: 'REGISTRY_PROTOCOL',
};

/** 404 depends on the body. A status that is not here is transient from 500 on, and a broken protocol below. */
const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  408: 'REGISTRY_UNAVAILABLE',
  425: 'REGISTRY_UNAVAILABLE',
  429: 'RATE_LIMITED',
};

const PUSH_REFUSALS: ReadonlySet<number> = new Set([400, 405, 409, 411, 413, 415, 416, 422]);

/** The code of a refusal, from its status, the OCI code in its body and what was asked. */
export function codeOf(status: number, ociCode: string | undefined, subject: Subject): ErrorCode {
  if (status === 404) return BY_OCI_CODE[ociCode ?? ''] ?? NOT_FOUND[subject];
  // Docker Hub and GHCR have answered TOOMANYREQUESTS under other statuses.
  if (ociCode === 'TOOMANYREQUESTS') return 'RATE_LIMITED';
  const code = BY_STATUS[status];
  if (code !== undefined) return code;
  if (subject === 'upload' && PUSH_REFUSALS.has(status)) return 'PUSH_REFUSED';
  return status >= 500 ? 'REGISTRY_UNAVAILABLE' : 'REGISTRY_PROTOCOL';
}

/** Statuses worth another try in the same call. 501, 505 and the like do not pass by themselves. */
export const RETRIED_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** Socket failures worth another try: the far side closed, or DNS had a bad moment. */
export const RETRIED_CAUSES: ReadonlySet<string> = new Set([
  'ECONNRESET',
  'EPIPE',
  'EAI_AGAIN',
  'UND_ERR_SOCKET',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
]);

/** What was asked for, and by whom. */
export interface Asked {
  readonly registry: string;
  readonly subject: Subject;
  readonly isAnonymous: boolean;
}

const waysToGive = (registry: string): string =>
  `--registry-creds ${registry}=USER:PASS, a \`credentials\` entry, or \`docker login ${registry}\``;
const HINTS: Partial<Readonly<Record<ErrorCode, (asked: Asked) => string>>> = {
  UNAUTHORIZED: ({ registry, isAnonymous }) =>
    isAnonymous
      ? `Check that the repository exists, or give a credential for ${registry}: ${waysToGive(registry)}.`
      : `Check that the credential is right and still valid, and that the repository exists. Others are given with ${waysToGive(registry)}.`,
  FORBIDDEN: ({ registry, subject, isAnonymous }) =>
    isAnonymous
      ? `Give a credential for ${registry}: ${waysToGive(registry)}.`
      : `The credentials for ${registry} were understood but may not ${subject === 'upload' ? 'push' : 'pull'} here; give them that right or use others.`,
  REPOSITORY_NOT_FOUND: () => 'Check the repository in the url; a private one may also need credentials.',
  TAG_NOT_FOUND: () => 'Check the tag or digest; `landfall tags URL` lists what is there.',
  RATE_LIMITED: ({ registry }) =>
    `Log in to ${registry} for a higher limit, or lengthen the interval of its sources.`,
  REGISTRY_UNAVAILABLE: ({ registry }) =>
    `This passes by itself as a rule; see whether ${registry} reports an outage.`,
};

export const hintOf = (code: ErrorCode, asked: Asked): string | undefined => HINTS[code]?.(asked);
