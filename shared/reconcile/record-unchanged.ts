import { timestamp } from '../clock.ts';
import type { Verification } from '../model/verification.ts';
import { type StatusChange, updateStatus } from '../store/status-store.ts';
import type { ReconcileDeps, ReconcileOutcome } from './deps.ts';
import { flushOutbox } from './flush-outbox.ts';
import { recoveredEvents } from './recovered-events.ts';
import type { Run } from './run.ts';
import { withRequestHandled, withUnchanged } from './status-changes.ts';

/**
 * Nothing new: clears a failure that is over, answers a request, keeps how it was verified under a policy that has changed,
 * and otherwise writes nothing at all.
 */
export async function recordUnchanged(
  run: Run,
  deps: ReconcileDeps,
  verification: Verification | undefined = run.before.current?.verification,
): Promise<ReconcileOutcome> {
  const { before, source, specDigest, trigger, signal } = run;
  const now = timestamp(deps.clock);
  const isSame = before.current?.verification?.policy === verification?.policy;
  const isQuiet =
    before.failure === null && before.specDigest === specDigest && isSame && trigger !== 'request';
  if (isQuiet) return { outcome: 'unchanged', revision: before.current };
  const change: StatusChange = (current) => {
    if (current === undefined || current.generation !== before.generation) return undefined;
    const recovered = recoveredEvents(current, run, { ...deps, now });
    const changed = withUnchanged(current, { specDigest, url: source.url, recovered, verification, now });
    return trigger === 'request' ? withRequestHandled(changed, before.request) : changed;
  };
  const after = await updateStatus(deps.store.objects, source, change, { clock: deps.clock, signal });
  await flushOutbox(after ?? before, deps, { signal });
  return { outcome: 'unchanged', revision: (after ?? before).current };
}
