/**
 * Words for "too many", where the status says otherwise: Docker Hub and GHCR (403 TOOMANYREQUESTS), ECR ("Rate exceeded"),
 * GitHub's secondary limit (403, "You have exceeded a secondary rate limit"), Cloudflare (1015). A full disk or project
 * ("quota exceeded", Harbor) is none, nor is a name that has such words in it.
 */
const WORDS =
  /\btoo ?many ?requests\b|\brate exceeded\b|\b(?:exceeded|reached|hit|over)\b[^."]{0,60}\brate limits?\b|\brate[ -]limit(?:ed| (?:has been )?(?:exceeded|reached))\b|\bthrottl(?:ed|ing)(?:exception)?\b|\berror code: 1015\b/i;

/** Statuses that say no more than "no": the body has the reason. Of others the status itself is believed. */
const VAGUE: ReadonlySet<number> = new Set([400, 401, 403, 420]);

/** What a refusal has in its body. */
export interface RefusalBody {
  /** The codes of all its errors, in upper case. */
  readonly codes: readonly string[];
  readonly text: string;
}

/** Whether a refusal is a rate limit, by its code under any status, by its words where the status leaves it open. */
export function isRateLimit(status: number, { codes, text }: RefusalBody): boolean {
  if (codes.includes('TOOMANYREQUESTS')) return true;
  return VAGUE.has(status) && WORDS.test(text);
}

/** How many pulls a registry allows in how many seconds, as Docker Hub says with every manifest. */
export interface Quota {
  readonly limit: number;
  readonly windowSeconds: number;
}

/** Reads `ratelimit-limit: 100;w=21600`. @see https://docs.docker.com/docker-hub/usage/pulls/ */
export function parseQuota(header: string | undefined): Quota | undefined {
  const [, limit, window] = /^(\d{1,9});w=(\d{1,9})$/.exec(header?.trim() ?? '') ?? [];
  return limit === undefined || window === undefined
    ? undefined
    : { limit: Number(limit), windowSeconds: Number(window) };
}

/** `100 pulls in 6 h`. */
export const formatQuota = ({ limit, windowSeconds }: Quota): string =>
  `${limit} pulls in ${windowSeconds % 3600 === 0 ? `${windowSeconds / 3600} h` : `${windowSeconds} s`}`;
