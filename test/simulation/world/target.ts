import * as z from 'zod/mini';
import { type DefinedDeploy, defineDeploy } from '../../../shared/deploy/kit/define-deploy.ts';
import { deployFailed } from '../../../shared/deploy/kit/failures.ts';
import type { StepResult } from '../../../shared/deploy/kit/step-result.ts';
import type { Gate } from '../../support/simulation/simulation-ports.ts';

export type Fate = 'succeeds' | 'fails' | 'rolls back';

export interface TargetRun {
  readonly runId: string;
  readonly generation: number;
}

/** One call of a target that changed something, or looked. */
export interface Act {
  readonly at: number;
  readonly deploy: string;
  readonly what: 'describe' | 'begin' | 'restore' | 'remove';
  /** A number for each visit, larger than those of all before. */
  readonly visit: number;
  readonly run: TargetRun | null;
  /** What was under way there. */
  readonly job: TargetRun | null;
  readonly current: TargetRun | null;
  readonly hasDrifted: boolean;
}

interface Described {
  readonly job: TargetRun | null;
  readonly ended: Fate | undefined;
  /** What is there is being taken away. */
  readonly isGoing: boolean;
}

/** What a deploy changes: one piece of work at a time, which takes as long as `next` says. */
export class Target {
  readonly deploy: string;
  readonly acts: Act[] = [];
  current: TargetRun | null = null;
  hasDrifted = false;
  readonly #now: () => number;
  readonly #next: () => { readonly fate: Fate; readonly takesMs: number };
  readonly #ended = new Map<string, Fate>();
  #job: (TargetRun & { readonly fate: Fate; readonly endsAt: number }) | null = null;
  /** When what is being taken away has gone; undefined: nothing is. */
  #goneAt: number | undefined;
  #visits = 0;

  constructor(
    deploy: string,
    now: () => number,
    next: () => { readonly fate: Fate; readonly takesMs: number },
  ) {
    this.deploy = deploy;
    this.#now = now;
    this.#next = next;
  }

  visit(): number {
    this.#visits += 1;
    return this.#visits;
  }

  describe(visit: number, runId: string | null): Described {
    this.#note('describe', visit, null);
    return {
      job: this.#job,
      ended: this.#ended.get(runId ?? ''),
      isGoing: this.#goneAt !== undefined,
    };
  }

  /** Once for a run, however often it is asked. */
  begin(visit: number, run: TargetRun): void {
    this.#settle();
    if (this.#job?.runId === run.runId || this.#ended.has(run.runId)) return;
    this.#note('begin', visit, run);
    const { fate, takesMs } = this.#next();
    this.#job = { ...run, fate, endsAt: this.#now() + takesMs };
    this.#settle();
  }

  restore(visit: number, run: TargetRun | null): void {
    this.#note('restore', visit, run);
    this.current = run;
    this.hasDrifted = false;
  }

  /** Begins to take away what is there, once. Returns whether it has gone. */
  remove(visit: number, run: TargetRun | null): boolean {
    this.#settle();
    if (this.current !== null && this.#goneAt === undefined) {
      this.#note('remove', visit, run);
      this.#goneAt = this.#now() + this.#next().takesMs;
      this.#settle();
    }
    return this.current === null;
  }

  /** What is there now. */
  standing(): TargetRun | null {
    this.#settle();
    return this.current;
  }

  isAsApplied(generation: number): boolean {
    this.#settle();
    return this.current?.generation === generation && !this.hasDrifted;
  }

  #note(what: Act['what'], visit: number, run: TargetRun | null): void {
    this.#settle();
    const { deploy, current, hasDrifted } = this;
    this.acts.push({ at: this.#now(), deploy, what, visit, run, job: this.#job, current, hasDrifted });
  }

  #settle(): void {
    if (this.#goneAt !== undefined && this.#goneAt <= this.#now()) {
      this.#goneAt = undefined;
      this.current = null;
      this.hasDrifted = false;
    }
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
export function targetKind(targets: ReadonlyMap<string, Target>, gate: Gate): DefinedDeploy {
  const targetOf = ({ deploy }: { readonly deploy: { readonly name: string } }): Target => {
    const target = targets.get(deploy.name);
    if (target === undefined) throw new Error(`no target of ${deploy.name}`);
    return target;
  };
  const ask = <T>(target: Target, what: string, effect: () => T, signal: AbortSignal): Promise<T> =>
    gate('deployer', `${what} ${target.deploy}`, effect, signal);
  const step = async (
    target: Target,
    run: TargetRun,
    job: string | null,
    signal: AbortSignal,
  ): Promise<Step> => {
    const visit = target.visit();
    const { runId } = run;
    const seen = await ask(target, 'describe', () => target.describe(visit, runId), signal);
    if (seen.isGoing) return running(job);
    if (seen.ended === 'succeeds') return { state: 'succeeded', result: { runId } };
    if (seen.ended === 'fails') throw deployFailed('the target says no');
    if (seen.ended === 'rolls back') return { state: 'rolledBack', error: deployFailed('it went back') };
    if (seen.job !== null) return running(seen.job.runId === runId ? runId : null);
    if (job !== null) throw deployFailed('it is gone');
    await ask(target, `begin ${run.generation}`, () => target.begin(visit, run), signal);
    return running(runId);
  };
  return defineDeploy({
    kind: 'simulated',
    settings: z.object({}),
    progress,
    result,
    plan: async (context) => {
      const target = targetOf(context);
      const { revision, signal } = context;
      const isSame = await ask(target, 'plan', () => target.isAsApplied(revision.generation), signal);
      return { changes: isSame ? [] : [{ action: 'update', what: 'it' }], summary: '' };
    },
    step: (context) => {
      const { revision, runId, signal } = context;
      return step(targetOf(context), { runId, generation: revision.generation }, null, signal);
    },
    look: (context, { job }) => {
      const { revision, runId, signal } = context;
      return step(targetOf(context), { runId, generation: revision.generation }, job, signal);
    },
    undo: async (context) => {
      const target = targetOf(context);
      const before = appliedRun(context.applied);
      const visit = target.visit();
      await ask(target, 'restore', () => target.restore(visit, before), context.signal);
      return { state: 'succeeded' };
    },
    remove: async (context) => {
      const target = targetOf(context);
      const ours = appliedRun(context.applied);
      const visit = target.visit();
      const { job } = await ask(target, 'describe', () => target.describe(visit, null), context.signal);
      if (job !== null) return running(null);
      const isGone = await ask(target, 'remove', () => target.remove(visit, ours), context.signal);
      return isGone ? { state: 'succeeded' } : running(null);
    },
  });
}

const appliedRun = (
  applied: { readonly generation: number; readonly result: Result | null } | null,
): TargetRun | null => applied && { runId: applied.result?.runId ?? '', generation: applied.generation };
