import { Random } from '../../support/simulation/simulation-random.ts';
import { corpusOf } from './corpus.ts';
import type { Coverage } from './coverage.ts';
import { Find } from './find.ts';
import { bytesOf, type FuzzTarget } from './fuzz-target.ts';
import { type Material, mutate } from './mutate.ts';

export interface CampaignOptions {
  readonly cases: number;
  readonly seed: number;
  /** No case is begun later. Default: none is too late. */
  readonly seconds?: number;
  /** The first case; default 0. */
  readonly from?: number;
  /** Inputs that run what none before has run are mutated further. Default: the corpus stays as it is. */
  readonly coverage?: Coverage;
  /** Is told each input before it is judged. */
  readonly onCase?: (input: Buffer) => void;
}

export interface Figures {
  readonly cases: number;
  readonly taken: number;
  /** The longest that one input took. */
  readonly slowestMs: number;
  /** Inputs that ran something new, beside those of the corpus. */
  readonly found: readonly Buffer[];
}

/** No input may take more CPU than that. */
export const MOST_MS = 2_000;
const BATCH = 64;
/** Far apart, so that the numbers of two cases have nothing in common. */
const STEP = 0x9e3779b1;

/** Judges inputs and counts; whatever is thrown is a find. */
class Judge {
  readonly #target: FuzzTarget;
  readonly #onCase: CampaignOptions['onCase'];
  taken = 0;
  slowestMs = 0;

  constructor(target: FuzzTarget, onCase: CampaignOptions['onCase']) {
    this.#target = target;
    this.#onCase = onCase;
  }

  async judge(input: Buffer, where: string): Promise<void> {
    this.#onCase?.(input);
    const start = performance.now();
    try {
      if (await this.#target.judge(input)) this.taken += 1;
      const took = performance.now() - start;
      this.slowestMs = Math.max(this.slowestMs, took);
      if (took > MOST_MS) await this.#again(input);
    } catch (cause) {
      throw new Find(this.#target.name, where, input, await this.#explained(input, cause));
    }
  }

  /** The same once more, with the place where it was thrown. */
  async #explained(input: Buffer, cause: unknown): Promise<unknown> {
    Error.stackTraceLimit = 30;
    try {
      await this.#target.judge(input);
    } catch (again) {
      return again;
    }
    return cause;
  }

  /** Somebody else may have had the CPU: what it takes is told by the CPU alone. */
  async #again(input: Buffer): Promise<void> {
    const start = process.cpuUsage();
    await this.#target.judge(input);
    const { user, system } = process.cpuUsage(start);
    const took = (user + system) / 1000;
    if (took > MOST_MS) throw new Error(`it takes ${Math.round(took)} ms of CPU, more than ${MOST_MS}`);
  }
}

/** Those of a batch that was just judged that ran what nothing before has run: they are looked for by halves. */
async function newInputs(
  batch: readonly Buffer[],
  target: FuzzTarget,
  coverage: Coverage,
): Promise<readonly Buffer[]> {
  const unknown = coverage.unknown();
  const found: Buffer[] = unknown.size > 0 && batch.length === 1 ? [...batch] : [];
  const half = unknown.size > 0 ? batch.length >> 1 : 0;
  for (const part of half > 0 ? [batch.slice(0, half), batch.slice(half)] : []) {
    for (const input of part) await target.judge(input);
    found.push(...(await newInputs(part, target, coverage)));
  }
  // What timing alone had run is not to be looked for again.
  coverage.learn(unknown);
  return found;
}

export async function runCampaign(target: FuzzTarget, options: CampaignOptions): Promise<Figures> {
  const { cases, seed, from = 0, seconds = Number.POSITIVE_INFINITY, coverage, onCase } = options;
  const corpus = [...corpusOf(target)];
  const start = corpus.length;
  const material: Material = { corpus, words: target.words.map(bytesOf), isJson: target.form === 'json' };
  const { repair = (input: Buffer) => input } = target;
  const judge = new Judge(target, onCase);
  // Most of what is refused is an error: where it was thrown is asked for of a find alone.
  Error.stackTraceLimit = 0;
  const ends = performance.now() + seconds * 1000;
  for (const [index, input] of corpus.entries()) await judge.judge(input, `input ${index} of its corpus`);
  coverage?.learn(coverage.unknown());
  judge.taken = 0;
  let batch: Buffer[] = [];
  let index = from;
  for (; index < from + cases && performance.now() < ends; index += 1) {
    const input = repair(mutate(new Random((seed + Math.imul(index, STEP)) | 0), material));
    await judge.judge(input, `seed ${seed}, case ${index}`);
    if (coverage === undefined) continue;
    batch.push(input);
    if (batch.length < BATCH) continue;
    corpus.push(...(await newInputs(batch, target, coverage)));
    batch = [];
  }
  return { cases: index - from, taken: judge.taken, slowestMs: judge.slowestMs, found: corpus.slice(start) };
}
