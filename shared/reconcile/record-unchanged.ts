import { timestamp } from '../clock.ts';
import { sourceRecoveredEvent } from '../event/failed.ts';
import { updateStatus } from '../store/status-store.ts';
import type { ReconcileDeps, ReconcileOutcome } from './deps.ts';
import { isAnnounced } from './failure.ts';
import { flushOutbox } from './flush-outbox.ts';
import type { Run } from './run.ts';
import { withRequestHandled, withUnchanged } from './status-changes.ts';

/** Nothing new: clears a failure that is over, answers a request, and otherwise writes nothing at all. */
export async function recordUnchanged(run: Run, deps: ReconcileDeps): Promise<ReconcileOutcome> {
  const { before, source, specDigest, trigger } = run;
  const now = timestamp(deps.clock);
  const { account, region } = deps.place;
  const origin = { account, region, time: now };
  const recovered = () =>
    before.failure !== null && isAnnounced(before.failure)
      ? sourceRecoveredEvent({ source, failure: before.failure, status: before, trigger, origin })
      : undefined;
  const isQuiet = before.failure === null && before.specDigest === specDigest && trigger !== 'request';
  if (isQuiet) return { outcome: 'unchanged', revision: before.current };
  const after = await updateStatus(deps.store.objects, source, (current) => {
    if (current === undefined || current.generation !== before.generation) return undefined;
    const changed = withUnchanged(current, { specDigest, recovered, now });
    const handled = trigger === 'request' ? withRequestHandled(changed ?? current) : changed;
    return handled === current ? undefined : handled;
  });
  await flushOutbox(after ?? before, deps);
  return { outcome: 'unchanged', revision: (after ?? before).current };
}
