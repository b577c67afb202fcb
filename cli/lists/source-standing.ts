import { lastFailureOf } from '../../shared/model/recent-failure.ts';
import type { Status } from '../../shared/model/status.ts';

/** How a source stands, in the same words wherever it is told. */
export interface SourceStanding {
  readonly ready: 'True' | 'False' | 'Unknown';
  /** `Succeeded`, `Suspended`, `NotLookedAt` or an error code. */
  readonly reason: string;
  /** Null where all is well. */
  readonly message: string | null;
}

/** Why nobody looks; undefined where somebody does. */
export function suspensionOf({ suspended }: Pick<Status, 'suspended'>): string | undefined {
  if (suspended === null) return undefined;
  const { by, at, reason, who } = suspended;
  return `by ${by}${who === undefined ? '' : ` of ${who}`} at ${at}${reason === undefined ? '' : `: ${reason}`}`;
}

export function standingOf(status: Status): SourceStanding {
  const ready = status.conditions.find(({ type }) => type === 'Ready');
  const failure = lastFailureOf(status);
  if (ready?.status === 'False' && failure !== null)
    return { ready: 'False', reason: failure.code, message: failure.message };
  const suspension = suspensionOf(status);
  if (suspension !== undefined)
    return { ready: ready?.status ?? 'Unknown', reason: 'Suspended', message: suspension };
  if (failure !== null) return { ready: 'False', reason: failure.code, message: failure.message };
  return ready === undefined
    ? { ready: 'Unknown', reason: 'NotLookedAt', message: null }
    : { ready: ready.status, reason: 'Succeeded', message: null };
}

/** What is left out of a source, and why; undefined where nothing is. */
export function skipOf({ skipped }: Pick<Status, 'skipped'>): string | undefined {
  if (skipped === undefined) return undefined;
  const { revision, at, who, reason } = skipped;
  return `skips ${revision}${who === undefined ? '' : ` by ${who}`} since ${at}${reason === undefined ? '' : `: ${reason}`}`;
}

/**
 * What the registry was at when it was looked at last: the revision that is current, or the one that could not land. Null where that is not known. So no look has to write it.
 */
export function observedOf({ current, failure, suspended, skipped }: Status): string | null {
  const [, refused] = failure?.subject.split(' ') ?? [];
  if (refused !== undefined) return refused;
  if (skipped !== undefined) return skipped.revision;
  return failure === null && suspended === null ? (current?.revision ?? null) : null;
}
