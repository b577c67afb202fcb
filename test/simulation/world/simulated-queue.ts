import type { QueueRecord } from '../../../functions/queue-work.ts';
import { LandfallError } from '../../../shared/errors.ts';
import type { Random } from '../../support/simulation/simulation-random.ts';

interface Message {
  readonly id: string;
  readonly body: string;
  readonly group: string;
  readonly sentAt: number;
  receives: number;
  visibleAt: number;
}

/** As `infra/queues.ts` has it. */
const RETENTION_MS = 4 * 86_400_000;

/** As SQS is: at least once, in a group one at a time unless that ended too late, otherwise in no order. */
export class SimulatedQueue {
  readonly name: string;
  readonly dead: string[] = [];
  readonly #now: () => number;
  readonly #random: Random;
  readonly #tries: number;
  #messages: Message[] = [];
  #sent = 0;

  constructor(
    name: string,
    { now, random, tries }: { readonly now: () => number; readonly random: Random; readonly tries: number },
  ) {
    this.name = name;
    this.#now = now;
    this.#random = random;
    this.#tries = tries;
  }

  get size(): number {
    return this.#messages.length;
  }

  /** When the next message can be received; undefined: there is none. */
  nextAt(): number | undefined {
    this.#forget();
    let next: number | undefined;
    for (const { visibleAt } of this.#messages) if (next === undefined || visibleAt < next) next = visibleAt;
    return next;
  }

  /** @param unruly whether it may come twice, or late */
  send(body: string, { group = '', delayMs = 0, unruly = false } = {}): void {
    const copies = unruly && this.#random.chance(0.1) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      this.#sent += 1;
      const lateMs = unruly ? this.#random.pick([0, 0, 0, 5_000, 240_000]) : 0;
      this.#messages.push({
        id: `${this.name}-${this.#sent}`,
        body,
        group,
        sentAt: this.#now(),
        receives: 0,
        visibleAt: this.#now() + delayMs + lateMs,
      });
    }
  }

  /** Some of what can be received, hidden for so long. */
  receive(most: number, hiddenMs: number): readonly QueueRecord[] {
    this.#forget();
    const now = this.#now();
    const busy = new Set(
      this.#messages
        .filter(({ group, receives, visibleAt }) => group !== '' && receives > 0 && visibleAt > now)
        .map(({ group }) => group),
    );
    const taken: Message[] = [];
    const visible = this.#messages.filter(({ group, visibleAt }) => visibleAt <= now && !busy.has(group));
    while (visible.length > 0 && taken.length < most) {
      const at = Math.floor(this.#random.next() * visible.length);
      taken.push(...visible.splice(at, 1));
    }
    const alive = taken.filter((message) => {
      if (message.receives < this.#tries) return true;
      this.#delete(message);
      this.dead.push(message.body);
      return false;
    });
    for (const message of alive) {
      message.receives += 1;
      message.visibleAt = now + hiddenMs;
    }
    return alive.map(({ id, body, receives }) => ({ messageId: id, receiptHandle: id, body, receives }));
  }

  returnAfter(handle: string, milliseconds: number): void {
    const message = this.#messages.find(({ id }) => id === handle);
    if (message === undefined)
      throw new LandfallError('QUEUE_UNAVAILABLE', `${this.name}: ${handle} is not there`);
    message.visibleAt = this.#now() + milliseconds;
  }

  remove(handle: string): void {
    const message = this.#messages.find(({ id }) => id === handle);
    if (message !== undefined) this.#delete(message);
  }

  /** The oldest is first. */
  #forget(): void {
    const from = this.#now() - RETENTION_MS;
    while ((this.#messages[0]?.sentAt ?? from + 1) <= from) this.#messages.shift();
  }

  #delete(message: Message): void {
    this.#messages = this.#messages.filter((each) => each !== message);
  }
}
