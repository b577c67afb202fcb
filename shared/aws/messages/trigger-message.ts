import { LandfallError } from '../../errors.ts';
import type { Trigger } from '../../model/detail-type.ts';
import type { SourceId } from '../../model/ids.ts';
import type { TriggerMessage } from '../../trigger/queue.ts';

/**
 * What the queue carries: one source to reconcile; many to see whether there is anything to reconcile; or the
 * documents to read again. Whatever is in it decides nothing.
 */
export type QueueMessage =
  | { readonly kind: 'reconcile'; readonly message: TriggerMessage }
  | { readonly kind: 'sweep'; readonly sources: readonly SourceId[] }
  | { readonly kind: 'documents' };

const VERSION = 1;

export function formatMessage(message: QueueMessage): string {
  if (message.kind === 'documents') return JSON.stringify({ version: VERSION, documents: true });
  if (message.kind === 'reconcile') {
    const { namespace, name, trigger } = message.message;
    return JSON.stringify({ version: VERSION, look: `${namespace}/${name}`, trigger });
  }
  const sources = message.sources.map(({ namespace, name }) => `${namespace}/${name}`);
  return JSON.stringify({ version: VERSION, sweep: sources });
}

const SOURCE = /^([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)\/([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)$/;
const TRIGGERS: ReadonlySet<unknown> = new Set<Trigger>(['webhook', 'schedule', 'request', 'rollback']);

function idOf(text: unknown): SourceId | undefined {
  const [, namespace, name] = (typeof text === 'string' ? SOURCE.exec(text) : null) ?? [];
  return namespace === undefined || name === undefined ? undefined : { namespace, name };
}

const isTrigger = (value: unknown): value is Trigger => TRIGGERS.has(value);

function reconcileOf(look: unknown, trigger: unknown): QueueMessage | undefined {
  const id = idOf(look);
  return id === undefined || !isTrigger(trigger)
    ? undefined
    : { kind: 'reconcile', message: { ...id, trigger } };
}

function sweepOf(sweep: unknown): QueueMessage | undefined {
  if (!Array.isArray(sweep)) return undefined;
  const sources = sweep.map(idOf).filter((id) => id !== undefined);
  return sources.length === sweep.length ? { kind: 'sweep', sources } : undefined;
}

/** @throws LandfallError WEBHOOK_MALFORMED, which never quotes what came */
export function readMessage(body: Readonly<Record<string, unknown>>): QueueMessage {
  const { version, look, sweep, documents, trigger } = body;
  const read =
    version !== VERSION
      ? undefined
      : documents === true
        ? ({ kind: 'documents' } as const)
        : (reconcileOf(look, trigger) ?? sweepOf(sweep));
  if (read !== undefined) return read;
  throw new LandfallError('WEBHOOK_MALFORMED', 'a message of the queue is not one that Landfall writes', {
    hint: 'Look at it in the dead-letter queue: a newer version may have written it, or somebody else.',
  });
}
