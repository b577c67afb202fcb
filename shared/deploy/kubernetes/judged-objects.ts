import type { JsonObject } from '../../kernel/json.ts';
import { deployFailed } from '../kit/failures.ts';
import { withReason } from '../kit/with-reason.ts';
import { type ObjectHealth, objectHealth } from './cluster/object-health.ts';
import { type ObjectId, shownObject } from './cluster-object.ts';

/** One object that is waited for, and how it is. */
export interface JudgedObject {
  readonly id: ObjectId;
  readonly judged: ObjectHealth;
}

const MISSING: ObjectHealth = { health: 'underway', why: 'it is not there' };

/** As it is in the cluster, if it is there. Undefined: a job that is taken away once it is done was done. */
export function judgeObject(id: ObjectId, live: JsonObject | undefined): JudgedObject | undefined {
  if (live === undefined && id.kind === 'Job') return undefined;
  return { id, judged: live === undefined ? MISSING : objectHealth(live) };
}

/** How many a message names. */
const NAMED = 3;

function toldAll(all: readonly JudgedObject[]): string {
  const named = all
    .slice(0, NAMED)
    .map(({ id, judged }) => withReason(shownObject(id), judged.why))
    .join('; ');
  return all.length > NAMED ? `${named}; and ${all.length - NAMED} more` : named;
}

/** What to do where one of what was applied has failed. */
export const LOOK_AT_OBJECT =
  'Look at it by `kubectl describe` and `kubectl logs`; then push a revision that is right, or replay the deploy.';

/**
 * Those that are not ready yet: how many, and which in words. Undefined: all are.
 * @throws LandfallError DEPLOY_FAILED as soon as one has failed
 */
export function unreadyOf(
  objects: readonly JudgedObject[],
  hint: string,
): { readonly count: number; readonly told: string } | undefined {
  const failed = objects.filter(({ judged: { health } }) => health === 'failed');
  if (failed.length > 0) throw deployFailed(toldAll(failed), { hint });
  const unready = objects.filter(({ judged: { health } }) => health !== 'current');
  return unready.length === 0 ? undefined : { count: unready.length, told: toldAll(unready) };
}
