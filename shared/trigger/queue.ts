import type { ErrorCode } from '../errors.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import type { Trigger } from '../model/detail-type.ts';
import type { SourceId } from '../model/ids.ts';

/** A hint to reconcile a source now. It carries nothing that decides anything. */
export interface TriggerMessage extends SourceId {
  readonly trigger: Trigger;
  /** Reconciles to follow this one. Left out: as many as the trigger is worth, see reconcile-again.ts. */
  readonly again?: number;
  /** What the reconcile that this one repeats failed with, and was told to have. */
  readonly failed?: { readonly code: ErrorCode; readonly message: string };
}

/** Takes triggers; resolving means they will be acted on, once or more. Ends with its signal. */
export interface TriggerQueue {
  enqueue(messages: readonly TriggerMessage[], options?: CallOptions): Promise<void>;
}

/** Asks for a reconcile of each source, where there is any. @throws LandfallError QUEUE_UNAVAILABLE */
export async function enqueueSources(
  ids: readonly SourceId[],
  trigger: Trigger,
  queue: TriggerQueue,
  options?: CallOptions,
): Promise<void> {
  const messages = ids.map(({ namespace, name }) => ({ namespace, name, trigger }));
  if (messages.length > 0) await queue.enqueue(messages, options);
}
