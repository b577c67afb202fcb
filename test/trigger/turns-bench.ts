import { setImmediate } from 'node:timers/promises';
import { LandfallError } from '../../shared/errors.ts';
import { HostTurns, type HostTurnsOptions } from '../../shared/trigger/host-turns.ts';
import type { Turn } from '../../shared/trigger/turn.ts';
import { movedClock } from '../support/moved-clock.ts';

export const TIMED_OUT = new LandfallError('REGISTRY_TIMEOUT', 'no answer');

/** Turns on a clock that a test moves; a key is `host/name`. */
export class TurnsBench {
  readonly turns: HostTurns;
  readonly facts: string[] = [];
  frees = 0;
  readonly #clock = movedClock();
  readonly #begun = new Map<string, Turn>();

  constructor({ slots }: Pick<HostTurnsOptions, 'slots'>) {
    this.turns = new HostTurns({
      slots,
      clock: this.#clock,
      onFree: () => {
        this.frees += 1;
      },
      onHost: (fact) => {
        const waiting = fact.is === 'silent' ? `, ${fact.waiting} wait` : '';
        this.facts.push(`${fact.host} is ${fact.is}${waiting}`);
      },
    });
  }

  add(...keys: readonly string[]): void {
    for (const key of keys) this.turns.add(key, key.split('/')[0], false);
  }

  urgent(...keys: readonly string[]): void {
    for (const key of keys) this.turns.add(key, key.split('/')[0], true);
  }

  /** Begins all that may, and says in what order. */
  begin(): readonly string[] {
    const begun: string[] = [];
    for (let turn = this.turns.take(); turn !== undefined; turn = this.turns.take()) {
      this.#begun.set(turn.key, turn);
      begun.push(`${turn.kind} ${turn.key}`);
    }
    return begun;
  }

  turn(key: string): Turn {
    const turn = this.#begun.get(key);
    if (turn === undefined) throw new Error(`${key} has not begun`);
    return turn;
  }

  end(key: string, failure?: LandfallError): void {
    const turn = this.turn(key);
    if (failure !== undefined) turn.unheard(failure);
    turn.end();
  }

  answering(...hosts: readonly string[]): void {
    for (const host of hosts) this.#once(host, (turn) => turn.heard());
    this.frees = 0;
  }

  silent(...hosts: readonly string[]): void {
    for (const host of hosts) this.#once(host, (turn) => turn.unheard(TIMED_OUT));
  }

  async pass(ms: number): Promise<void> {
    this.#clock.move(ms);
    await setImmediate();
  }

  #once(host: string, say: (turn: Turn) => void): void {
    const key = `${host}/first`;
    this.add(key);
    this.begin();
    say(this.turn(key));
    this.end(key);
  }
}
