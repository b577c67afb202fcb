import type { Bus, EventEnvelope } from '../../../shared/model/envelope.ts';
import type { Revision, Status } from '../../../shared/model/status.ts';
import { recordKey, statusKey } from '../../../shared/store/layout.ts';
import type { ObjectStore } from '../../../shared/store/object-store.ts';
import type { Store } from '../../../shared/store/store.ts';
import { detailOf } from '../../event/samples.ts';
import { ID } from '../stores/memory-sources.ts';

const parse = (bytes: Uint8Array): Status => JSON.parse(Buffer.from(bytes).toString('utf8'));

export const isChanged = (event: EventEnvelope): boolean =>
  event['detail-type'] === 'Artifact Revision Changed';

/**
 * Watches every write of a status and every emit as they take effect, and notes what must never be. It notes rather
 * than throws: a run would take its exception for a failing store.
 */
export class Observer implements Bus {
  readonly violations: string[] = [];
  /** Everything emitted, repeats too. */
  readonly emitted: EventEnvelope[] = [];
  /** What became current, by generation. */
  readonly revisions: Revision[] = [];
  readonly objects: ObjectStore;
  readonly #store: Store;
  readonly #onEvent: (event: EventEnvelope) => void;

  constructor(store: Store, onEvent: (event: EventEnvelope) => void) {
    this.#store = store;
    this.#onEvent = onEvent;
    this.objects = { ...store.objects, replace: (...given) => this.#replace(...given) };
  }

  get store(): Store {
    return { ...this.#store, objects: this.objects };
  }

  /** Each event once. */
  get events(): readonly EventEnvelope[] {
    return [...new Map(this.emitted.map((event) => [event.id, event])).values()];
  }

  async emit(events: readonly EventEnvelope[]): Promise<void> {
    for (const event of events) {
      this.emitted.push(event);
      this.#onEvent(event);
      if (isChanged(event)) await this.#checkChanged(event);
    }
  }

  async #replace(...given: Parameters<ObjectStore['replace']>): Promise<string> {
    const [key, bytes] = given;
    const stored = await this.#store.objects.get(key);
    const written = await this.#store.objects.replace(...given);
    if (key === statusKey(ID)) await this.#checkWrite(stored && parse(stored.bytes), parse(bytes));
    return written;
  }

  /** I5 and I2, at the moment of the write. */
  async #checkWrite(before: Status | undefined, after: Status): Promise<void> {
    const generation = before?.generation ?? 0;
    const { current } = after;
    if (after.generation === generation) {
      if (current?.revision !== before?.current?.revision)
        this.#note('I5: current changed within a generation');
      return;
    }
    if (after.generation !== generation + 1)
      this.#note(`I5: generation ${generation} became ${after.generation}`);
    if (current === null) return this.#note('I5: a generation without a revision');
    this.revisions.push(current);
    await this.#checkCommitted(current, 'I2: status');
    const isAnnounced = after.outbox.some((event) => detailOf(event)['digest'] === current.digest);
    if (!isAnnounced) this.#note(`I4: generation ${after.generation} has no event in its outbox`);
  }

  /** I4: not before its commit, and the same whenever it is repeated. */
  async #checkChanged(event: EventEnvelope): Promise<void> {
    const generation = Number(event.detail['generation']);
    const revision = this.revisions[generation - 1];
    if (revision === undefined || revision.digest !== detailOf(event)['digest']) {
      return this.#note(`I4: event ${event.id} is not of generation ${generation}`);
    }
    await this.#checkCommitted(revision, `I4: event ${event.id}`);
    const first = this.emitted.find((other) => isChanged(other) && other.detail['generation'] === generation);
    if (JSON.stringify(first) !== JSON.stringify(event))
      this.#note(`I4: event ${event.id} changed when repeated`);
  }

  async #checkCommitted(revision: Revision, who: string): Promise<void> {
    const record = await this.#store.objects.get(recordKey(revision));
    if (record === undefined) this.#note(`${who} names ${revision.revision}, which is not committed`);
  }

  #note(violation: string): void {
    this.violations.push(violation);
  }
}
