import { type Clock, steadyNow } from '../../../shared/clock.ts';
import { LandfallError } from '../../../shared/errors.ts';
import { formatSourceId, type SourceId } from '../../../shared/model/ids.ts';

interface WorkDeadline {
  readonly signal: AbortSignal;
  /** How long the invocation had for its work when it began. */
  readonly allowedMs: number;
}

/**
 * The end of an invocation as one reconcile sees it. A reconcile that had half of the invocation or more and is not done would
 * not be done the next time either: that is a failure of its source, which its status has to say before the trigger ends
 * among the dead letters. One that merely began late goes back to the queue without a word.
 */
export function reconcileDeadline(
  id: SourceId,
  { signal, allowedMs }: WorkDeadline,
  clock: Clock,
): { readonly signal: AbortSignal; clear(): void } {
  const controller = new AbortController();
  const began = steadyNow(clock);
  const end = (): void => {
    const ranMs = steadyNow(clock) - began;
    controller.abort(ranMs * 2 < allowedMs ? signal.reason : tooLong(id, ranMs));
  };
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  return { signal: controller.signal, clear: () => signal.removeEventListener('abort', end) };
}

const tooLong = (id: SourceId, ranMs: number): LandfallError =>
  new LandfallError(
    'REGISTRY_TIMEOUT',
    `${formatSourceId(id)}: the look was not done after ${ranMs} ms, which is all that an invocation of the function reconcile has for it`,
    {
      hint: 'Raise `reconcile.timeout` of the stack, or have the source take less: `layers`, a smaller artifact.',
    },
  );
