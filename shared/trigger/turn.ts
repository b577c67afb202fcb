import type { LandfallError } from '../errors.ts';
import type { HostState } from './host-state.ts';

/** What a reconcile says of its host while it runs: whether it waits for it, and whether it hears from it. */
export interface HostSigns {
  /** Set where the host is known not to answer: the reconcile is to fail with this, and asks nothing. */
  readonly known: LandfallError | undefined;
  /** Something was asked; each time followed by `settled`. */
  asked(): void;
  settled(): void;
  /** A sign of life: an answer, whatever it says, or some bytes of one. */
  heard(): void;
  /** The host did not answer. */
  unheard(error: LandfallError): void;
}

/** What a turn tells whoever gave it. */
export interface TurnKeeper {
  heard(turn: Turn): void;
  end(turn: Turn): void;
}

/**
 * `look`: an ordinary one, in a slot. `probe`: the one reconcile of a silent host, which needs no slot until it is answered.
 * `told`: it fails with what the probe before it failed with.
 */
export type TurnKind = 'ordinary' | 'probe' | 'known';

/** A reconcile that may begin, until its end. */
export class Turn implements HostSigns {
  readonly key: string;
  readonly host: HostState;
  readonly kind: TurnKind;
  readonly isUrgent: boolean;
  isOver = false;
  /** The host's signs of life when it began. */
  readonly beatsBefore: number;
  /** Its own and its host's when it was last watched. */
  seen: { readonly beats: number; readonly hostBeats: number };
  hasSlot = false;
  /** Whether it counts among the reconciles of its host. */
  isOfHost = true;
  /** Questions that are not answered. */
  waits = 0;
  /** Counts what was asked and heard. */
  beats = 0;
  failure: LandfallError | undefined;
  readonly #keeper: TurnKeeper;

  constructor(of: Pick<Turn, 'key' | 'host' | 'kind' | 'isUrgent'>, keeper: TurnKeeper) {
    this.key = of.key;
    this.host = of.host;
    this.kind = of.kind;
    this.isUrgent = of.isUrgent;
    this.beatsBefore = of.host.beats;
    this.seen = { beats: 0, hostBeats: of.host.beats };
    this.#keeper = keeper;
  }

  get known(): LandfallError | undefined {
    return this.kind === 'known' ? this.host.known : undefined;
  }

  asked(): void {
    this.waits += 1;
    this.beats += 1;
  }

  settled(): void {
    this.waits -= 1;
  }

  heard(): void {
    this.beats += 1;
    this.failure = undefined;
    this.#keeper.heard(this);
  }

  unheard(error: LandfallError): void {
    this.failure = error;
  }

  /** Call once: it gives back all that it has. */
  end(): void {
    this.isOver = true;
    this.#keeper.end(this);
  }
}
