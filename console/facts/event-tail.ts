import { eventsFrom, type LogPosition, positionOfNewest } from '../../shared/event/read-events.ts';
import { RecentIds } from '../../shared/event/recent-ids.ts';
import { CONSOLE_EVENTS } from '../../shared/limits.ts';
import type { EventEnvelope } from '../../shared/model/envelope.ts';
import { type ConsoleEvent, consoleEvent } from './console-event.ts';

/** The newest events of the log of one machine: what was read is kept, and only what came since is read. */
export class EventTail {
  readonly #root: string;
  readonly #seen = new RecentIds();
  #events: ConsoleEvent[] = [];
  #position: LogPosition | undefined;
  #reading: Promise<readonly ConsoleEvent[]> | undefined;

  /** @param root of the store, absolute */
  constructor(root: string) {
    this.#root = root;
  }

  /** Oldest first, at most CONSOLE_EVENTS. @throws LandfallError STORE_UNAVAILABLE */
  read(): Promise<readonly ConsoleEvent[]> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #read(): Promise<readonly ConsoleEvent[]> {
    this.#position ??= await positionOfNewest(this.#root, CONSOLE_EVENTS);
    for await (const { event, next } of eventsFrom(this.#root, this.#position)) {
      this.#position = next;
      if (event !== undefined) this.#add(event);
    }
    if (this.#events.length > CONSOLE_EVENTS) this.#events = this.#events.slice(-CONSOLE_EVENTS);
    return this.#events;
  }

  #add(event: EventEnvelope): void {
    if (this.#seen.add(event.id)) this.#events.push(consoleEvent(event));
  }
}
