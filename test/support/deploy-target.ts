import * as z from 'zod/mini';
import { type DefinedDeploy, defineDeploy } from '../../shared/deploy/kit/define-deploy.ts';
import { deployFailed } from '../../shared/deploy/kit/failures.ts';
import type { StepResult } from '../../shared/deploy/kit/step-result.ts';
import type { Gate } from './simulation-ports.ts';

export type Fate = 'succeeds' | 'fails' | 'rolls back';

interface Run {
  readonly runId: string;
  readonly generation: number;
}

interface Seen {
  readonly job: Run | null;
  readonly current: Run | null;
  readonly hasDrifted: boolean;
  readonly ended: Fate | undefined;
}

/** What a deploy changes: one piece of work at a time, which takes as long as `nextMs` says. It notes what must never be. */
export class DeployTarget {
  readonly violations: string[] = [];
  /** Runs that were begun, in order. */
  readonly begun: Run[] = [];
  current: Run | null = null;
  hasDrifted = false;
  readonly #now: () => number;
  readonly #ended = new Map<string, Fate>();
  readonly #next: () => { readonly fate: Fate; readonly takesMs: number };
  #job: (Run & { readonly fate: Fate; readonly endsAt: number }) | null = null;
  #visits = 0;
  #newest = 0;

  constructor(now: () => number, next: () => { readonly fate: Fate; readonly takesMs: number }) {
    this.#now = now;
    this.#next = next;
  }

  /** A number for each visit, larger than those of all before. */
  visit(): number {
    this.#visits += 1;
    return this.#visits;
  }

  describe(visit: number, runId: string | null): Seen {
    this.#settle(visit);
    const { current, hasDrifted } = this;
    return { job: this.#job, current, hasDrifted, ended: this.#ended.get(runId ?? '') };
  }

  /** Once for a run, however often it is asked. */
  begin(visit: number, run: Run): void {
    this.#settle(visit);
    if (this.#job?.runId === run.runId || this.#ended.has(run.runId)) return;
    if (this.#job !== null)
      this.violations.push(`I13: run ${run.runId} is begun while ${this.#job.runId} is under way`);
    this.begun.push(run);
    const { fate, takesMs } = this.#next();
    this.#job = { ...run, fate, endsAt: this.#now() + takesMs };
    this.#settle(visit);
  }

  restore(visit: number, run: Run | null): void {
    this.#settle(visit);
    this.current = run;
    this.hasDrifted = false;
  }

  /** A visit that goes on although a later one has begun: two workers are at it. One that was killed asks nothing more. */
  #settle(visit: number): void {
    if (visit < this.#newest) this.violations.push(`I13: visit ${visit} goes on beside ${this.#newest}`);
    this.#newest = Math.max(this.#newest, visit);
    if (this.#job === null || this.#job.endsAt > this.#now()) return;
    const { fate, runId, generation } = this.#job;
    this.#ended.set(runId, fate);
    this.#job = null;
    if (fate !== 'succeeds') return;
    this.current = { runId, generation };
    this.hasDrifted = false;
  }
}

const LOOK_MS = 5_000;
const progress = z.object({ job: z.nullable(z.string()) });
type Progress = z.infer<typeof progress>;
const result = z.object({ runId: z.string() });
type Result = z.infer<typeof result>;
type Step = StepResult<Progress, Result>;

const running = (job: string | null): Step => ({
  state: 'running',
  progress: { job },
  message: job ?? 'waits',
  lookAgainMs: LOOK_MS,
});

/** A kind as those of AWS are: it looks, begins under the name of its run, and is looked at. */
export function targetKind(target: DeployTarget, gate: Gate): DefinedDeploy {
  const ask = <T>(what: string, effect: () => T): Promise<T> => gate('deployer', what, effect);
  const step = async (run: Run, job: string | null, visit = target.visit()): Promise<Step> => {
    const { runId } = run;
    const seen = await ask('describe', () => target.describe(visit, runId));
    if (seen.ended === 'succeeds') return { state: 'succeeded', result: { runId } };
    if (seen.ended === 'fails') throw deployFailed('the target says no');
    if (seen.ended === 'rolls back') return { state: 'rolledBack', error: deployFailed('it went back') };
    if (seen.job !== null) return running(seen.job.runId === runId ? runId : null);
    if (job !== null) throw deployFailed('it is gone');
    await ask('begin', () => target.begin(visit, run));
    return running(runId);
  };
  return defineDeploy({
    kind: 'simulated',
    settings: z.object({}),
    progress,
    result,
    plan: async ({ revision: { generation } }) => {
      const { current, hasDrifted } = await ask('plan', () => ({ ...target }));
      const isSame = current?.generation === generation && !hasDrifted;
      return { changes: isSame ? [] : [{ action: 'update', what: 'it' }], summary: '' };
    },
    step: ({ revision: { generation }, runId }) => step({ runId, generation }, null),
    look: ({ revision: { generation }, runId }, { job }) => step({ runId, generation }, job),
    undo: async ({ applied }) => {
      const before = applied && { runId: applied.result?.runId ?? '', generation: applied.generation };
      const visit = target.visit();
      await ask('restore', () => target.restore(visit, before));
      return { state: 'succeeded' };
    },
    remove: async () => {
      const visit = target.visit();
      const { job } = await ask('describe', () => target.describe(visit, null));
      if (job !== null) return running(null);
      await ask('remove', () => target.restore(visit, null));
      return { state: 'succeeded' };
    },
  });
}
