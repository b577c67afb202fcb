import type { CallOptions } from '../kernel/call-options.ts';
import { throwIfCancelled } from '../kernel/cancelled.ts';
import type { Bus, EventEnvelope } from '../model/envelope.ts';
import { RecentIds } from './recent-ids.ts';

/** The event log's twin without a disk. */
export class MemoryBus implements Bus {
  readonly #events: EventEnvelope[] = [];
  readonly #ids = new RecentIds();

  async emit(events: readonly EventEnvelope[], { signal }: CallOptions = {}): Promise<void> {
    throwIfCancelled('emit', signal);
    for (const event of events) if (this.#ids.add(event.id)) this.#events.push(event);
  }

  /** Oldest first, each once. */
  get events(): readonly EventEnvelope[] {
    return this.#events;
  }
}
