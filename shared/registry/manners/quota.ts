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
