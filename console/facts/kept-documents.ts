import type { CallOptions } from '../../shared/kernel/call-options.ts';
import { throwIfCancelled } from '../../shared/kernel/cancelled.ts';
import { mapOf } from '../../shared/kernel/each-of.ts';
import { CONSOLE_READS } from '../../shared/limits.ts';
import type { ObjectStore } from '../../shared/store/object-store.ts';
import { whyUnread } from './facts.ts';
import type { Stamps } from './stamps.ts';

/** How the documents of one kind are read. */
export interface KeptKind<Id, Facts> {
  readonly prefix: string;
  /** Undefined where a key is none of the kind. */
  readonly idOf: (key: string) => Id | undefined;
  /** @throws LandfallError where the bytes are no such document */
  readonly parse: (id: Id, key: string, bytes: Uint8Array) => Facts;
  /** What is shown instead of one that cannot be read: it hides no other. */
  readonly unread: (id: Id, why: string) => Facts;
  /** Whether the same bytes go on to mean the same. */
  readonly isSettled: (facts: Facts) => boolean;
}

interface Kept<Facts> {
  readonly stamp: string;
  readonly facts: Facts;
}

/** What documents under a prefix say; of them only those are read that are new since the last time. */
export class KeptDocuments<Id, Facts> {
  readonly #kind: KeptKind<Id, Facts>;
  readonly #objects: Pick<ObjectStore, 'get'>;
  readonly #stamps: Stamps;
  #kept: ReadonlyMap<string, Kept<Facts>> = new Map();

  constructor(
    kind: KeptKind<Id, Facts>,
    { objects, stamps }: { readonly objects: Pick<ObjectStore, 'get'>; readonly stamps: Stamps },
  ) {
    this.#kind = kind;
    this.#objects = objects;
    this.#stamps = stamps;
  }

  /** In byte order of their keys. @throws LandfallError where they cannot be listed */
  async read(options: CallOptions): Promise<readonly Kept<Facts>[]> {
    const { prefix, idOf, isSettled } = this.#kind;
    const there = await Array.fromAsync(this.#stamps(prefix, options));
    const one = async (key: string, stamp: string): Promise<readonly [string, Kept<Facts>] | undefined> => {
      const before = this.#kept.get(key);
      if (before?.stamp === stamp && isSettled(before.facts)) return [key, before];
      const id = idOf(key);
      const facts = id && (await this.#parsed(id, key, options));
      return facts && [key, { stamp, facts }];
    };
    const read = await mapOf(there, { limit: CONSOLE_READS, signal: options.signal }, ({ key, stamp }) =>
      one(key, stamp),
    );
    this.#kept = new Map(read.filter((each) => each !== undefined));
    return [...this.#kept.values()];
  }

  async #parsed(id: Id, key: string, options: CallOptions): Promise<Facts | undefined> {
    try {
      const stored = await this.#objects.get(key, options);
      return stored && this.#kind.parse(id, key, stored.bytes);
    } catch (cause) {
      throwIfCancelled(`read ${key}`, options.signal);
      return this.#kind.unread(id, whyUnread(cause));
    }
  }
}
