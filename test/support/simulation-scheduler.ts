import { setImmediate as nextTurn } from 'node:timers/promises';
import { MODES, type Mode, met } from './simulation-faults.ts';
import type { Gate } from './simulation-ports.ts';
import type { Random } from './simulation-random.ts';

interface Parked {
  readonly process: Process;
  readonly release: (mode: Mode | undefined) => void;
}

interface Process {
  readonly kind: string;
  isDead: boolean;
  isDone: boolean;
}

/**
 * Decides which call of which process is next. Every process stands still at each of its calls until it is chosen, so
 * that the seed alone decides how they interleave, whatever the machine does meanwhile.
 */
export class Scheduler {
  readonly #random: Random;
  #processes: Process[] = [];
  #parked: Parked[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** Processes of a kind that are neither done nor dead. */
  alive(kind: string): number {
    return this.#processes.filter((process) => process.kind === kind).length;
  }

  start(kind: string, work: (gate: Gate) => Promise<void>): void {
    const process: Process = { kind, isDead: false, isDone: false };
    const gate: Gate = async (port, call, effect) => {
      const mode = await this.#park(process);
      const kill = (): void => {
        process.isDead = true;
      };
      return met(mode, { port, call, effect, kill });
    };
    this.#processes.push(process);
    void work(gate).finally(() => {
      process.isDone = true;
    });
  }

  /** Lets one call go on, with the given chance of a fault. False: nobody waits. */
  async step(faults: number): Promise<boolean> {
    await this.#standstill();
    if (this.#parked.length === 0) return false;
    const chosen = this.#random.pick(this.#parked);
    const mode = this.#random.chance(faults) ? this.#random.pick(MODES) : undefined;
    this.#parked = this.#parked.filter((one) => one !== chosen);
    chosen.release(mode);
    await this.#standstill();
    return true;
  }

  #park(process: Process): Promise<Mode | undefined> {
    return new Promise((release) => this.#parked.push({ process, release }));
  }

  /** Waits until every process stands at a call, is done or is dead; those that died take their calls with them. */
  async #standstill(): Promise<void> {
    const isMoving = (process: Process): boolean =>
      !process.isDone && !process.isDead && !this.#parked.some((one) => one.process === process);
    while (this.#processes.some(isMoving)) await nextTurn();
    this.#parked = this.#parked.filter(({ process }) => !process.isDead);
    this.#processes = this.#processes.filter(({ isDone, isDead }) => !isDone && !isDead);
  }
}
