import type { Invariant } from './seen.ts';

/** As long as a run that began before may go on. */
const SLACK_MS = 120_000;
/** A person's request may wait in its queue for four days, and is then forgotten. */
const ASKED_MS = 4 * 86_400_000 + SLACK_MS;

/** What failed for good is not tried again until something changes: its layers are not read a second time. */
export const noFutileTries: Invariant = ({ at, requests, statuses, truth }) =>
  requests.flatMap(({ path, method }) => {
    const [, blob] = /\/blobs\/(.+)$/.exec(path) ?? [];
    const image = blob === undefined || method !== 'GET' ? undefined : truth.imageOfBlob(blob);
    if (image === undefined || truth.faultOf(image) === undefined) return [];
    return [...statuses].flatMap(([source, { failure }]) => {
      if (failure?.kind !== 'permanent' || !failure.subject.endsWith(image)) return [];
      const since = Date.parse(failure.since);
      if (at - since < SLACK_MS || truth.wasAsked(source, since - ASKED_MS)) return [];
      return [`I12: ${source} reads a layer of ${image} again, which failed for good at ${failure.since}`];
    });
  });
