import type { Clock } from '../clock.ts';
import { Overdue } from '../kernel/overdue.ts';
import { type HostFact, type HostState, newHost } from './host-state.ts';
import { Turn, type TurnKeeper, type TurnKind } from './turn.ts';

/** The part of all slots that one host takes at most: there is always room for another. */
export const HOST_SHARE = 1 / 2;
/** The part of all slots that the schedule leaves free, so that no push or person waits for another host's polls. */
export const URGENT_SHARE = 1 / 4;
/** A reconcile that waits for an answer without a sign of life for so long, and up to twice that, gives up its slot. */
export const SILENT_MS = 5_000;
/** The same of a host that has never answered: of those that say nothing there may be more than slots, all at the start. */
export const NEVER_HEARD_MS = 1_000;
/** Reconciles of silent hosts, each at another, for every slot: they take none, and are not to be without end. */
export const PROBES_PER_SLOT = 2;
/** Those that fail with what is known ask nobody: they write, all at the same time, where others have to write too. */
export const FAILING_AT_ONCE = 2;
/** After this many urgent ones a patient one goes first, so that a flood of webhooks cannot stop the schedule. */
const URGENT_IN_A_ROW = 3;
/** Hosts that are remembered while nothing of them is ready or under way. */
const MOST_IDLE_HOSTS = 1_000;

export interface HostTurnsOptions {
  /** Reconciles at the same time, over all hosts. */
  readonly slots: number;
  readonly clock: Clock;
  /** Another turn may be there to be taken, though none was added and none ended. */
  readonly onFree?: () => void;
  readonly onHost?: (fact: HostFact) => void;
}

/**
 * Whose turn it is, such that no host holds up another. A reconcile has a slot while it works or its host answers; one that
 * waits for a host without a sign of life has none. A host takes a share of the slots at most. From one that has not
 * answered yet, or does not any more, one reconcile at a time asks; the others wait, without a slot, until it answers, and
 * then go in order; a reconcile that waits for something else holds nobody up. Where it fails instead, the next is to ask, and those that waited fail with what is known by then.
 */
export class HostTurns implements TurnKeeper {
  readonly #options: HostTurnsOptions;
  readonly #watched: Overdue<Turn>;
  /** In the order of their turns. */
  readonly #hosts = new Map<string | undefined, HostState>();
  /** Where each key is ready. */
  readonly #ready = new Map<string, HostState>();
  #urgentInARow = 0;
  #taken = 0;
  #takenByPatient = 0;
  #probes = 0;

  constructor(options: HostTurnsOptions) {
    this.#options = options;
    this.#watched = new Overdue({
      clock: options.clock,
      afterMs: ({ host }) => (host.is === 'unknown' ? NEVER_HEARD_MS : SILENT_MS),
      onOverdue: (turn) => this.#watch(turn),
    });
  }

  /** How many are ready. */
  get size(): number {
    return this.#ready.size;
  }

  /** How many hosts are known. */
  get hosts(): number {
    return this.#hosts.size;
  }

  /** A key that is ready keeps its place; one that becomes urgent moves over. */
  add(key: string, name: string | undefined, isUrgent: boolean): void {
    const host = this.#ready.get(key) ?? this.#hosts.get(name) ?? newHost(name);
    if (!this.#hosts.has(host.name)) this.#hosts.set(host.name, host);
    host.ready.add(key, isUrgent);
    this.#ready.set(key, host);
  }

  /** The next reconcile to begin; undefined where none may. */
  take(): Turn | undefined {
    const isPatientsTurn = this.#urgentInARow >= URGENT_IN_A_ROW;
    return this.#takeOf(!isPatientsTurn) ?? this.#takeOf(isPatientsTurn);
  }

  clear(): void {
    this.#ready.clear();
    this.#hosts.clear();
  }

  heard(turn: Turn): void {
    const { host } = turn;
    host.beats += 1;
    if (turn.kind !== 'known' && !turn.hasSlot && !turn.isOver) this.#takeSlot(turn);
    if (host.is === 'answers') return;
    host.is = 'answers';
    host.known = undefined;
    host.toFail = 0;
    if (host.isLogged && host.name !== undefined) this.#options.onHost?.({ host: host.name, is: 'back' });
    host.isLogged = false;
    this.#options.onFree?.();
  }

  end(turn: Turn): void {
    const { host } = turn;
    this.#watched.delete(turn);
    if (turn.hasSlot) this.#giveSlot(turn);
    else if (turn.kind === 'probe') this.#probes -= 1;
    if (turn.kind === 'known') host.failing -= 1;
    else {
      if (turn.isOfHost) host.underWay -= 1;
      if (turn.failure !== undefined && host.beats === turn.beatsBefore) this.#fellSilent(turn);
    }
    this.#forgetIdle(host);
  }

  #takeOf(isUrgent: boolean): Turn | undefined {
    for (const host of this.#hosts.values()) {
      const kind = host.ready.has(isUrgent) ? this.#mayBegin(host, isUrgent) : undefined;
      if (kind !== undefined) return this.#begin(host, isUrgent, kind);
    }
    return undefined;
  }

  #mayBegin(host: HostState, isUrgent: boolean): TurnKind | undefined {
    const isIdle = host.underWay === 0;
    const { slots } = this.#options;
    if (host.is === 'silent' && isIdle) return this.#probes < slots * PROBES_PER_SLOT ? 'probe' : undefined;
    if (!this.#isFree(isUrgent)) return undefined;
    if (host.is === 'silent') return host.toFail > 0 && host.failing < FAILING_AT_ONCE ? 'known' : undefined;
    if (host.is === 'unknown') return isIdle ? 'ordinary' : undefined;
    const most = host.name === undefined ? slots : Math.max(1, Math.floor(slots * HOST_SHARE));
    return host.underWay < most ? 'ordinary' : undefined;
  }

  /** What is of no host has none to keep free for. */
  #isFree(isUrgent: boolean): boolean {
    const { slots } = this.#options;
    if (this.#taken >= slots) return false;
    const isOneHost = this.#hosts.size === 1 && this.#hosts.has(undefined);
    return isUrgent || isOneHost || this.#takenByPatient < slots - Math.floor(slots * URGENT_SHARE);
  }

  #begin(host: HostState, isUrgent: boolean, kind: TurnKind): Turn | undefined {
    const key = host.ready.take(isUrgent);
    if (key === undefined) return undefined;
    this.#ready.delete(key);
    this.#urgentInARow = isUrgent ? this.#urgentInARow + 1 : 0;
    // To the end of the line: hosts take turns.
    this.#hosts.delete(host.name);
    this.#hosts.set(host.name, host);
    const turn = new Turn({ key, host, kind, isUrgent }, this);
    if (kind === 'probe') this.#probes += 1;
    else this.#takeSlot(turn);
    if (kind === 'known') {
      host.toFail -= 1;
      host.failing += 1;
      return turn;
    }
    host.underWay += 1;
    if (host.name !== undefined) this.#watched.add(turn);
    return turn;
  }

  /** Whether anything of it happened since it was last watched. */
  #watch(turn: Turn): void {
    const { host, seen } = turn;
    turn.seen = { beats: turn.beats, hostBeats: host.beats };
    if (turn.beats !== seen.beats) return;
    if (turn.waits === 0) {
      this.#leaveToOthers(turn);
      return;
    }
    if (host.beats === seen.hostBeats) host.is = 'silent';
    if (!turn.hasSlot) return;
    this.#giveSlot(turn);
    if (turn.kind === 'probe') this.#probes += 1;
    this.#options.onFree?.();
  }

  /** It waits for what is not its host's, such as the store: that is nothing to hold up a host's first answer for. */
  #leaveToOthers(turn: Turn): void {
    if (turn.host.is !== 'unknown' || !turn.isOfHost) return;
    turn.isOfHost = false;
    turn.host.underWay -= 1;
    this.#options.onFree?.();
  }

  #fellSilent({ host, failure }: Turn): void {
    host.is = 'silent';
    host.known = failure;
    // One of those that waited asks; the others need not find out one after the other.
    host.toFail = Math.max(0, host.ready.size - 1);
    if (host.isLogged || host.name === undefined || failure === undefined) return;
    host.isLogged = true;
    this.#options.onHost?.({ host: host.name, is: 'silent', error: failure, waiting: host.ready.size });
  }

  #takeSlot(turn: Turn): void {
    turn.hasSlot = true;
    this.#taken += 1;
    if (!turn.isUrgent) this.#takenByPatient += 1;
    if (turn.kind === 'probe') this.#probes -= 1;
  }

  #giveSlot(turn: Turn): void {
    turn.hasSlot = false;
    this.#taken -= 1;
    if (!turn.isUrgent) this.#takenByPatient -= 1;
  }

  #forgetIdle(host: HostState): void {
    const isIdle = host.underWay === 0 && host.ready.size === 0;
    if (isIdle && this.#hosts.size > MOST_IDLE_HOSTS) this.#hosts.delete(host.name);
  }
}
