import { createHash, type Hash } from 'node:crypto';
import { type Clock, steadyNow } from '../../shared/clock.ts';
import { type LedgerId, parseLedger } from '../../shared/deploy/ledger/ledger.ts';
import { checkLedgerPlace } from '../../shared/deploy/ledger/ledger-place.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import type { SourceId } from '../../shared/model/ids.ts';
import {
  DEPLOYS_PREFIX,
  parseLedgerKey,
  parseStatusKey,
  RUNS_PREFIX,
  SOURCES_PREFIX,
} from '../../shared/store/layout.ts';
import { parseStatus } from '../../shared/store/status-store.ts';
import type { Store } from '../../shared/store/store.ts';
import {
  bareSource,
  type ConsoleDeploy,
  type ConsoleSource,
  deployFacts,
  sourceFacts,
  unreadDeploy,
} from './facts.ts';
import { KeptDocuments } from './kept-documents.ts';
import { type Snapshot, snapshotOf } from './snapshot.ts';
import type { Stamps } from './stamps.ts';
import { NOTHING_WATCHED, type WatchedSources } from './watched-sources.ts';

export interface SnapshotDeps {
  readonly store: Pick<Store, 'objects'>;
  readonly stamps: Stamps;
  /** Undefined where nobody has said what is watched. */
  readonly watched: (options: CallOptions) => Promise<WatchedSources | undefined>;
  readonly clock: Clock;
  /** How long what was read of the store is shown before it is looked at again. */
  readonly staleMs: number;
  readonly signal: AbortSignal;
}

export interface HeldSnapshot {
  readonly snapshot: Snapshot;
  /** Another one where anything is. */
  readonly mark: string;
  /** Another one where a run of a deploy has said something. */
  readonly runsMark: string;
}

interface Held extends HeldSnapshot {
  readonly at: number;
  readonly tookMs: number;
}

/** A store that takes long to look through is looked at for no more than this part of the time, unless that is too long for who waits. */
const SHARE = 10;
const LONGEST_MS = 10_000;

const markOf = (hash: Hash): string => hash.digest('base64url');

/** Reads the store no more often than it is told to, however many pages are open, and of it only what is new. */
export class Snapshots {
  readonly #deps: SnapshotDeps;
  readonly #sources: KeptDocuments<SourceId, ConsoleSource>;
  readonly #deploys: KeptDocuments<LedgerId, ConsoleDeploy>;
  #held: Held | undefined;
  #reading: Promise<Held> | undefined;

  constructor(deps: SnapshotDeps) {
    const { store, stamps, clock } = deps;
    const { objects } = store;
    this.#deps = deps;
    this.#sources = new KeptDocuments(
      {
        prefix: SOURCES_PREFIX,
        idOf: parseStatusKey,
        parse: (id, _key, bytes) => sourceFacts(id, parseStatus(bytes, id)),
        unread: (id, why) => bareSource(id, 'unknown', why),
        isSettled: ({ standing }) => standing !== 'unknown',
      },
      { objects, stamps },
    );
    this.#deploys = new KeptDocuments(
      {
        prefix: DEPLOYS_PREFIX,
        idOf: parseLedgerKey,
        parse: (id, key, bytes) => {
          const ledger = parseLedger(key, bytes);
          checkLedgerPlace(key, ledger);
          return deployFacts(id, ledger, clock);
        },
        unread: unreadDeploy,
        isSettled: ({ isClaimed, stands }) => !isClaimed && stands.state !== 'Unknown',
      },
      { objects, stamps },
    );
  }

  /** @throws LandfallError what listing throws, for all who wait */
  async now(): Promise<HeldSnapshot> {
    const held = this.#held;
    const { clock, staleMs } = this.#deps;
    const freshMs = Math.max(staleMs, Math.min(LONGEST_MS, SHARE * (held?.tookMs ?? 0)));
    if (held !== undefined && steadyNow(clock) - held.at < freshMs) return held;
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** After somebody pressed a button. */
  forget(): void {
    this.#held = undefined;
  }

  async #read(): Promise<Held> {
    const { clock, watched, signal, stamps } = this.#deps;
    const began = steadyNow(clock);
    const options = { signal };
    const sources = await this.#sources.read(options);
    const deploys = await this.#deploys.read(options);
    const watching = (await watched(options)) ?? NOTHING_WATCHED;
    const snapshot = snapshotOf(
      sources.map(({ facts }) => facts),
      deploys.map(({ facts }) => facts),
      watching,
    );
    const all = createHash('sha256');
    for (const { stamp, facts } of sources) all.update(`${stamp} ${facts.standing}\n`);
    for (const { stamp, facts } of deploys) all.update(`${stamp} ${facts.stands.state}\n`);
    all.update(JSON.stringify([watching.notes, snapshot.sources.size]));
    const runs = createHash('sha256');
    for await (const { key, stamp } of stamps(RUNS_PREFIX, options)) runs.update(`${key} ${stamp}\n`);
    const at = steadyNow(clock);
    const held = { snapshot, mark: markOf(all), runsMark: markOf(runs), at, tookMs: at - began };
    this.#held = held;
    return held;
  }
}
