import { type ErrorCode, LandfallError } from '../../../shared/errors.ts';
import type { Gate, PortName } from './simulation-ports.ts';

/**
 * How one call goes wrong: it fails, without or with its effect; or the process dies in it, likewise. A process that is
 * dead makes no further call, and what it awaits never comes.
 */
export const MODES = ['throw before', 'throw after', 'kill before', 'kill after'] as const;
export type Mode = (typeof MODES)[number];

/** The call with this number, counted from 0 over all processes that share the failpoints. */
export interface Fault {
  readonly at: number;
  readonly mode: Mode;
}

const CODES: Readonly<Record<PortName, ErrorCode>> = {
  registry: 'REGISTRY_UNAVAILABLE',
  store: 'STORE_UNAVAILABLE',
  bus: 'EMIT_FAILED',
  deployer: 'DEPLOY_UNAVAILABLE',
  queue: 'QUEUE_UNAVAILABLE',
};

export const faultOf = (port: PortName, call: string): LandfallError =>
  new LandfallError(CODES[port], `${port}: ${call} failed by plan`);

const never = <T>(): Promise<T> => new Promise<T>(() => {});

/** Numbers the calls of one process after the other, and makes one of them go wrong. */
export class Failpoints {
  /** Every call, in order. */
  readonly calls: string[] = [];
  readonly #fault: Fault | undefined;
  #hasFired = false;

  constructor(fault?: Fault) {
    this.#fault = fault;
  }

  get hasFired(): boolean {
    return this.#hasFired;
  }

  /** Runs one process to its end, its own or the one in the plan. */
  async run(work: (gate: Gate) => Promise<void>): Promise<void> {
    const killed = Promise.withResolvers<void>();
    let isDead = false;
    const kill = (): void => {
      isDead = true;
      killed.resolve();
    };
    const gate: Gate = async (port, call, effect) => {
      if (isDead) return never();
      const isPlanned = this.calls.push(`${port} ${call}`) - 1 === this.#fault?.at;
      const mode = isPlanned ? this.#fault?.mode : undefined;
      if (mode !== undefined) this.#hasFired = true;
      const result = await met(mode, { port, call, effect, kill });
      return isDead ? never() : result;
    };
    await Promise.race([work(gate), killed.promise]);
  }
}

interface Call<T> {
  readonly port: PortName;
  readonly call: string;
  readonly effect: () => Promise<T> | T;
  readonly kill: () => void;
}

/** What a call comes to in a mode; undefined lets it through. */
export async function met<T>(mode: Mode | undefined, { port, call, effect, kill }: Call<T>): Promise<T> {
  if (mode === undefined) return effect();
  if (mode === 'throw after' || mode === 'kill after') await effect();
  if (mode === 'throw before' || mode === 'throw after') throw faultOf(port, call);
  kill();
  return never();
}
