import * as z from 'zod/mini';
import { deploy } from '../../../shared/deploy/deploy.ts';
import { defineDeploy } from '../../../shared/deploy/kit/define-deploy.ts';
import type { DeployAnswer, DeployArtifact } from '../../../shared/deploy/kit/deploy-context.ts';
import { deployUnavailable } from '../../../shared/deploy/kit/failures.ts';
import type { JsonValue } from '../../../shared/deploy/kit/json-value.ts';
import type { StepResult } from '../../../shared/deploy/kit/step-result.ts';
import { bindKind } from '../../../shared/deploy/visit/bind-kind.ts';
import type { DeployOutcome, DeployRequest } from '../../../shared/deploy/visit/deploy-request.ts';
import type { EventEnvelope } from '../../../shared/model/envelope.ts';
import { type DeployWorld, entryOf } from '../deploy-world.ts';

type Answer = StepResult<{ readonly job: string }, { readonly url: string }> | Error;

/** A target that takes what it is told to take; `calls` is what was asked of it. */
export interface SlowTarget {
  readonly calls: string[];
  /** What it answers, oldest first; then that it has what it was to have. */
  readonly answers: (Answer | (() => Answer))[];
  /** Artifacts that an undo was given: of what failed, and of what had been applied. */
  readonly before?: (readonly [DeployArtifact, DeployArtifact | null])[];
  /** Where the record is of which each look was told. */
  readonly records?: string[];
}

export const stillRunning = (job: string, lookAgainMs = 5_000) =>
  ({ state: 'running', progress: { job }, message: `job ${job}`, lookAgainMs }) as const;

/** A kind whose target works on for a while, as those of AWS do. */
export function slowKind(
  { calls, answers: given, before = [], records = [] }: SlowTarget,
  answers: (DeployAnswer | null)[] = [],
) {
  const answer = (
    call: string,
    url: string,
  ): StepResult<{ readonly job: string }, { readonly url: string }> => {
    calls.push(call);
    const first = given.shift();
    const next = typeof first === 'function' ? first() : first;
    if (next instanceof Error) throw next;
    return next ?? { state: 'succeeded', result: { url } };
  };
  return defineDeploy({
    kind: 'slow',
    settings: z.object({ target: z.string() }),
    progress: z.object({ job: z.string() }),
    result: z.object({ url: z.string() }),
    plan: async ({ settings, applied }) => {
      if (settings.target === 'away') throw deployUnavailable('the target is away');
      if (settings.target === 'as applied') return { changes: [], summary: 'nothing to change' };
      return {
        changes: [{ action: 'update', what: settings.target, why: applied?.result?.url ?? 'new' }],
        summary: '1 to update',
      };
    },
    step: async ({ revision, runId }) =>
      answer(`step ${revision.generation} ${runId}`, `u${revision.generation}`),
    look: async ({ revision, answer: said, event }, { job }) => {
      answers.push(said);
      records.push(event.detail.artifact.record);
      return answer(`look ${revision.generation} ${job}`, `u${revision.generation}`);
    },
    undo: async ({ applied, artifact, artifactBefore }, progress) => {
      before.push([artifact, await artifactBefore()]);
      return answer(`undo ${progress?.job ?? '-'} to ${applied?.result?.url ?? 'nothing'}`, 'undone');
    },
  });
}

export interface SlowWorld {
  readonly world: DeployWorld;
  readonly target: SlowTarget;
  /** What each look was told that a person said. */
  readonly answers: readonly (DeployAnswer | null)[];
  readonly run: (event: EventEnvelope, changes?: Partial<DeployRequest>) => Promise<DeployOutcome>;
}

export function openSlow(
  world: DeployWorld,
  changes: Partial<DeployRequest['deploy']> = {},
  settings: JsonValue = { target: 'web' },
): SlowWorld {
  const target: SlowTarget = { calls: [], answers: [], before: [] };
  const answers: (DeployAnswer | null)[] = [];
  const common = entryOf({ timeoutMs: 600_000 });
  const spec = { ...common, ...changes, kind: 'slow' };
  const deployer = bindKind(slowKind(target, answers), 'app', settings);
  return {
    world,
    target,
    answers,
    run: (event, more = {}) =>
      deploy({ deploy: spec, deployer, event, signal: new AbortController().signal, ...more }, world.deps),
  };
}
