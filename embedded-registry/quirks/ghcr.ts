import { type Quirk, withChallenge } from '../quirk.ts';
import { refuse } from '../reply.ts';

/**
 * GHCR: `/v2/` names a scope of nobody's repository; the first `busy` requests for manifests get a 429 whose wait is
 * in the message, in milliseconds, and in no header.
 * @see https://github.com/chainguard-images/images/issues/173
 */
export function ghcr(busy = 0): Quirk {
  let left = busy;
  return {
    answer: ({ path, headers }) => {
      if (left <= 0 || !path.includes('/manifests/') || headers.authorization === undefined) return undefined;
      left -= 1;
      return refuse(429, 'TOOMANYREQUESTS', 'retry-after: 10.3ms, allowed: 2000/minute');
    },
    alter: (given, _, { url }) =>
      withChallenge(
        given,
        `Bearer realm="${url}/token",service="ghcr.io",scope="repository:user/image:pull"`,
      ),
  };
}
