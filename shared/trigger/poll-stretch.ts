import type { Revision } from '../model/status.ts';
import type { Source } from '../source/source.ts';

/**
 * Whether webhooks are known to work for a source: one announced its current revision. A poll that finds what no webhook
 * announced makes a current revision that says otherwise, and so does a person who was first.
 */
export const isAnnounced = (current: Pick<Revision, 'trigger'> | null | undefined): boolean =>
  current?.trigger === 'webhook';

/** The source as it is polled: at its `maxInterval`, if it has one, while webhooks are known to work. */
export function stretched<T extends Pick<Source, 'intervalMs' | 'maxIntervalMs'>>(
  source: T,
  isAnnounced: boolean,
): T {
  const { maxIntervalMs } = source;
  return isAnnounced && maxIntervalMs !== undefined ? { ...source, intervalMs: maxIntervalMs } : source;
}
