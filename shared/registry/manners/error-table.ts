import type { ErrorCode } from '../../errors.ts';
import { NEXT_STEPS } from '../../next-steps.ts';

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

/** What a status means, and whether the same call may go through if it is simply made again. */
interface Meaning {
  readonly code: ErrorCode;
  readonly again: boolean;
}

const PASSES: Meaning = { code: 'REGISTRY_UNAVAILABLE', again: true };

/** Harbor's, where a project lets no image be pulled that is vulnerable, unscanned or unsigned, and no tag be overwritten. */
const HELD_BACK = 412;

/** 404 depends on what was asked. A status that is not here is transient from 500 on, and a broken protocol below. */
const BY_STATUS: Readonly<Record<number, Meaning>> = {
  401: { code: 'UNAUTHORIZED', again: false },
  403: { code: 'FORBIDDEN', again: false },
  408: PASSES,
  [HELD_BACK]: { code: 'FORBIDDEN', again: false },
  425: PASSES,
  429: { code: 'RATE_LIMITED', again: true },
  // nginx: "client closed request", passed on by what is before it.
  499: PASSES,
};

/**
 * From 500 on: what another try within the same call does not mend. A method or version of HTTP that is not known, a
 * full disk, a login that a network wants first (511), and 525 and 526, where a CDN cannot verify its registry. Whatever
 * else a server, proxy or CDN says there (529: overloaded; 530: DNS) passes.
 */
const STAYS: ReadonlySet<number> = new Set([501, 505, 506, 507, 508, 510, 511, 525, 526]);

const PUSH_REFUSALS: ReadonlySet<number> = new Set([400, 405, 409, 411, HELD_BACK, 413, 415, 416, 422]);

/** What a refusal says in its body. */
export interface Said {
  readonly ociCode: string | undefined;
  /** "Too many", in its code or in words (rate-limit.ts). */
  readonly isRateLimit: boolean;
  /** The login is good no more (ended-login.ts). */
  readonly isEnded: boolean;
}

/** The code of a refusal, from its status, what its body says and what was asked. */
export function codeOf(status: number, said: Said, subject: Subject): ErrorCode {
  const { ociCode, isRateLimit, isEnded } = said;
  if (status === 404) return BY_OCI_CODE[ociCode ?? ''] ?? NOT_FOUND[subject];
  if (isRateLimit) return 'RATE_LIMITED';
  // Storage has a login of the registry's own, in the URL.
  if (isEnded && subject !== 'storage') return 'UNAUTHORIZED';
  if (subject === 'upload' && PUSH_REFUSALS.has(status)) return 'PUSH_REFUSED';
  const code = BY_STATUS[status]?.code;
  if (code !== undefined) return code;
  return status >= 500 ? 'REGISTRY_UNAVAILABLE' : 'REGISTRY_PROTOCOL';
}

/** Whether a refusal is worth another try in the same call. A rate limit is, under whatever status it came. */
export const isRetriedStatus = (status: number, code: ErrorCode): boolean =>
  code === 'RATE_LIMITED' || (BY_STATUS[status]?.again ?? (status >= 500 && !STAYS.has(status)));

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
  /** What came. */
  readonly status: number;
  /** The code that the registry itself gave it. */
  readonly ociCode: string | undefined;
}

const waysToGive = (registry: string): string =>
  `--registry-creds ${registry}=USER:PASS, a \`credentials\` entry, or \`docker login ${registry}\``;
const HINTS: Partial<Readonly<Record<ErrorCode, (asked: Asked) => string | undefined>>> = {
  UNAUTHORIZED: ({ registry, isAnonymous }) =>
    isAnonymous
      ? `Check that the repository exists, or give a credential for ${registry}: ${waysToGive(registry)}.`
      : `Check that the credential is right and still valid, and that the repository exists. Others are given with ${waysToGive(registry)}.`,
  FORBIDDEN: ({ registry, subject, isAnonymous, status }) => {
    if (status === HELD_BACK)
      return `${registry} keeps it back by a rule of its own, which its words name; who runs it can change that.`;
    return isAnonymous
      ? `Give a credential for ${registry}: ${waysToGive(registry)}.`
      : `The credentials for ${registry} were understood but may not ${subject === 'upload' ? 'push' : 'pull'} here; give them that right or use others.`;
  },
  REPOSITORY_NOT_FOUND: () => NEXT_STEPS.REPOSITORY_NOT_FOUND,
  TAG_NOT_FOUND: () => NEXT_STEPS.TAG_NOT_FOUND,
  REGISTRY_PROTOCOL: ({ ociCode }) =>
    ociCode === undefined
      ? undefined
      : 'The registry itself refuses it: check the repository and the tag by its words.',
  RATE_LIMITED: ({ registry }) =>
    `Log in to ${registry} for a higher limit, or lengthen the interval of its sources.`,
  REGISTRY_UNAVAILABLE: ({ registry }) =>
    `This passes by itself as a rule; see whether ${registry} reports an outage.`,
};

export const hintOf = (code: ErrorCode, asked: Asked): string | undefined => HINTS[code]?.(asked);
