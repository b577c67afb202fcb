import { setImmediate as afterTurn } from 'node:timers';
import type { Clock } from '../../../shared/clock.ts';
import { cancelled } from '../../../shared/kernel/cancelled.ts';
import { faultOf } from '../../support/simulation/simulation-faults.ts';
import type { Gate, PortName } from '../../support/simulation/simulation-ports.ts';
import type { Random } from '../../support/simulation/simulation-random.ts';
import { Story } from './story.ts';
import { asOwner, VirtualTime } from './virtual-time.ts';

/** How one call goes wrong. */
const FAULTS = ['fails before', 'fails after', 'dies before', 'dies after', 'hangs', 'is slow'] as const;
type Fault = (typeof FAULTS)[number];

/** A process, or an invocation of a function: what dies as one. */
export interface Life {
  readonly name: string;
  readonly kind: string;
  /** As its machine has it. */
  readonly clock: Clock;
  readonly gate: Gate;
  /** True once it is killed: nothing that it still awaits ever comes. */
  readonly isDead: boolean;
}

interface LivingProcess extends Life {
  isDead: boolean;
  isDone: boolean;
}

interface Parked {
  readonly life: LivingProcess;
  readonly port: PortName;
  readonly call: string;
  /** Never throws. */
  readonly act: (fault: Fault | undefined) => Promise<void>;
}

/** How far clocks of two machines are apart at most; a claim allows for thirty seconds. */
const SKEW_MS = 12_000;
/** Of any step, where nothing else is said. */
export const RUSH = 0.03;
const LONGEST_WAIT_MS = 60_000;
const LATENCIES_MS = [0, 0, 0, 1, 20, 150, 2_000] as const;
/** Of a call that is slow: within the time of a visit, about as long, and longer than its claim. */
const SLOW_MS = [20_000, 55_000, 150_000, 200_000] as const;

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);

/**
 * Decides which call of which process is next, and how it goes. Every process stands still at each call of a port until it is
 * chosen, so that the seed alone decides what happens.
 */
export class Scheduler {
  readonly time = new VirtualTime();
  readonly story = new Story(() => this.time.elapsed);
  /** The chance of a fault of a call. */
  faults = 0;
  /** The chance that a target is slow to answer, beside any fault: that is when two come to meet at one. */
  slowness = 0;
  /** The chance that time passes while somebody waits for an answer. */
  rush = RUSH;
  /** For how long a slow call of a target stands still, which would be as long anywhere else. */
  stallMs: (call: string, usualMs: number) => number = (_, usualMs) => usualMs;
  readonly #random: Random;
  #parked: Parked[] = [];
  #lives: LivingProcess[] = [];
  #born = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  alive(kind: string): number {
    return this.#lives.filter((life) => life.kind === kind).length;
  }

  /** @param work gets what it may touch; `onDeath` is called where it is killed, `onEnd` where it is not */
  start(
    kind: string,
    work: (life: Life) => Promise<void>,
    { onDeath, onEnd }: { readonly onDeath?: () => void; readonly onEnd?: () => void } = {},
  ): Life {
    this.#born += 1;
    const skew = Math.round((this.#random.next() - 0.5) * SKEW_MS);
    const { time } = this;
    const life: LivingProcess = {
      kind,
      name: `${kind}-${this.#born}`,
      isDead: false,
      isDone: false,
      clock: {
        now: () => time.now() + skew,
        steady: () => time.elapsed,
        sleep: (milliseconds, signal) => time.sleep(milliseconds, signal),
      },
      gate: (port, call, effect, signal) => this.#enter(life, { port, call, effect, signal }),
    };
    this.#lives.push(life);
    this.#deaths.set(life, onDeath ?? (() => undefined));
    asOwner(life, () => work(life)).then(
      () => this.#end(life, onEnd),
      (error: unknown) => {
        if (!life.isDead) this.story.tell(life.name, `ends: ${String(error).slice(0, 200)}`);
        this.#end(life, onEnd);
      },
    );
    return life;
  }

  readonly #deaths = new WeakMap<Life, () => void>();

  kill(life: Life, why: string): void {
    const found = this.#lives.find((each) => each === life);
    if (found === undefined) return;
    this.story.tell(life.name, 'dies', why);
    found.isDead = true;
    this.#lives = this.#lives.filter((each) => each !== found);
    this.#parked = this.#parked.filter((parked) => parked.life !== found);
    this.#deaths.get(life)?.();
  }

  killAny(why: string): void {
    if (this.#lives.length > 0) this.kill(this.#random.pick(this.#lives), why);
  }

  killAll(why: string): void {
    for (const life of [...this.#lives]) this.kill(life, why);
  }

  /** Lets one call go on, or time. @param nextAt when something begins that no timer tells of */
  async step(nextAt: number): Promise<void> {
    const now = this.time.now();
    // What could have begun and has not waits for something else.
    const begins = nextAt > now ? nextAt : Number.POSITIVE_INFINITY;
    const next = Math.min(begins, this.time.next() ?? Number.POSITIVE_INFINITY, now + LONGEST_WAIT_MS);
    if (this.#parked.length === 0 || this.#random.chance(this.rush)) {
      this.time.advanceTo(next);
      return standstill();
    }
    const chosen = this.#random.pick(this.#parked);
    this.#parked.splice(this.#parked.indexOf(chosen), 1);
    const fault = this.#faultOf(chosen.port);
    this.story.tell(chosen.life.name, `${chosen.port} ${chosen.call}`, fault);
    this.time.advanceTo(this.time.now() + this.#random.pick(LATENCIES_MS));
    if (!chosen.life.isDead) chosen.act(fault);
    return standstill();
  }

  #faultOf(port: PortName): Fault | undefined {
    if (port === 'deployer' && this.#random.chance(this.slowness)) return 'is slow';
    return this.#random.chance(this.faults) ? this.#random.pick(FAULTS) : undefined;
  }

  #end(life: LivingProcess, onEnd: (() => void) | undefined): void {
    life.isDone = true;
    this.#lives = this.#lives.filter((each) => each !== life);
    if (!life.isDead) onEnd?.();
  }

  #enter<T>(
    life: LivingProcess,
    {
      port,
      call,
      effect,
      signal,
    }: {
      readonly port: PortName;
      readonly call: string;
      readonly effect: () => Promise<T> | T;
      readonly signal: AbortSignal | undefined;
    },
  ): Promise<T> {
    if (life.isDead) return never();
    if (signal?.aborted) return Promise.reject(cancelled(call, signal));
    return new Promise<T>((resolve, reject) => {
      let isOver = false;
      const abort = (): void => {
        if (life.isDead || !signal) return;
        isOver = true;
        this.#parked = this.#parked.filter((one) => one !== parked);
        reject(cancelled(call, signal));
      };
      const park = (milliseconds: number): void => {
        this.time.set(() => {
          if (!isOver && !life.isDead) this.#parked.push(parked);
        }, milliseconds);
      };
      const slowMs = (): number => {
        const usual = this.#random.pick(SLOW_MS);
        return port === 'deployer' ? this.stallMs(call, usual) : usual;
      };
      const done = (): void => signal?.removeEventListener('abort', abort);
      const fail = (): void => {
        done();
        reject(faultOf(port, call));
      };
      const act = async (fault: Fault | undefined): Promise<void> => {
        if (fault === 'hangs') return signal === undefined ? fail() : undefined;
        if (fault === 'is slow') return park(slowMs());
        if (fault === 'fails before') return fail();
        if (fault === 'dies before') return this.kill(life, `in ${call}`);
        done();
        try {
          const result = await effect();
          if (fault === 'fails after') reject(faultOf(port, call));
          else if (fault === 'dies after') this.kill(life, `after ${call}`);
          else if (!life.isDead) resolve(result);
        } catch (error) {
          reject(error);
        }
      };
      const parked: Parked = { life, port, call, act };
      signal?.addEventListener('abort', abort, { once: true });
      this.#parked.push(parked);
    });
  }
}

/** Until every process stands at a call, waits for time, or is done: nothing in memory takes longer than a turn of the loop. */
const standstill = (): Promise<void> => new Promise((resolve) => void afterTurn(resolve));
