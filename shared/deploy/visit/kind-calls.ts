import * as z from 'zod/mini';
import { isLandfallError, LandfallError } from '../../errors.ts';
import { abortable } from '../../kernel/abortable.ts';
import { startGrace } from '../../kernel/grace.ts';
import { matched } from '../../kernel/matched.ts';
import { KIND_GRACE_MS } from '../../limits.ts';
import { printableLine } from '../../printable.ts';
import type { DeployPlan, PlannedChange } from '../kit/plan.ts';
import { planSchema } from '../ledger/ledger-schema.ts';
import type { RemoveVisit, VisitResult } from './visit.ts';

const RESULT = z.discriminatedUnion('state', [
  z.looseObject({ state: z.literal('succeeded') }),
  z.looseObject({ state: z.literal('running'), message: z.string(), lookAgainMs: z.number() }),
  z.looseObject({ state: z.literal('rolledBack'), error: z.custom((error) => isLandfallError(error)) }),
]);

type Call<T> = () => Promise<T>;
type Told = Pick<RemoveVisit, 'signal' | 'deploy' | 'origin'>;

const nonsense = ({ deploy: { name, kind } }: Told, what: string, why: string): LandfallError =>
  new LandfallError('DEPLOY_FAILED', `deploy ${name}: ${what} of its kind ${kind} is none: ${why}`, {
    hint: 'Correct the kind: see docs/deploys.md#a-kind-of-your-own.',
  });

const shownChange = ({ what, why, ...change }: PlannedChange): PlannedChange => ({
  ...change,
  what: printableLine(what),
  ...(why !== undefined && { why: printableLine(why) }),
});

/** Names, reasons and progress are words of the target, and go from here to ledgers, events, lists and people: each is a line. */
const shownPlan = ({ summary, changes }: DeployPlan): DeployPlan => ({
  summary: printableLine(summary),
  changes: changes.map(shownChange),
});

const shownAnswer = (answer: VisitResult): VisitResult =>
  answer.state === 'running'
    ? {
        ...answer,
        message: printableLine(answer.message),
        ...(answer.waitsFor !== undefined && { waitsFor: printableLine(answer.waitsFor) }),
      }
    : answer;

/** A kind is somebody's code: it may throw before it gives a promise. */
const begun = async <T>(call: Call<T>): Promise<T> => call();

/** What a kind says it would do. Waited for until its signal, as it does nothing. @throws LandfallError, and what the kind throws */
export async function planned(told: Told, call: Call<DeployPlan>): Promise<DeployPlan> {
  const { signal, deploy } = told;
  const plan = await abortable(begun(call), signal).catch((error: unknown) => {
    if (!signal.aborted || isLandfallError(error)) throw error;
    throw new LandfallError('DEPLOY_UNAVAILABLE', `deploy ${deploy.name}: its plan took too long`, {
      cause: error,
    });
  });
  const found = matched<unknown>(plan, planSchema);
  if (!found.ok) throw nonsense(told, 'the plan', found.why);
  return shownPlan(plan);
}

/** Whether what was applied stands. What cannot be told, or not in {@link KIND_GRACE_MS}, is no reason to apply it again. */
export const stillStands = (call: Call<boolean>): Promise<boolean> =>
  abortable(begun(call), AbortSignal.timeout(KIND_GRACE_MS)).then(
    (stands) => stands !== false,
    () => true,
  );

/** Calls that went on after their grace: of one deploy and source, no other begins in this process. */
const overdue = new Set<string>();

const keyOf = ({ origin, deploy: { name, source } }: Told): string =>
  JSON.stringify([origin.bucket, name, source.namespace, source.name]);

const notEnded = ({ deploy: { name, kind } }: Told): LandfallError =>
  new LandfallError(
    'DEPLOY_UNAVAILABLE',
    `deploy ${name}: its kind ${kind} has not ended, long after its signal`,
    {
      hint: 'Nothing else of this deploy runs until it has. Correct the kind to end with its signal, and start Landfall again.',
    },
  );

/**
 * One step, look, undo or removal. Told to end by its signal, it has {@link KIND_GRACE_MS} to do so; after that nobody waits
 * for it any more, and nothing else of the deploy begins beside it.
 * @throws LandfallError, and what the kind throws
 */
export async function visited(told: Told, call: Call<VisitResult>): Promise<VisitResult> {
  const key = keyOf(told);
  if (overdue.has(key)) throw notEnded(told);
  using grace = startGrace(told.signal, KIND_GRACE_MS);
  let isOver = false;
  const work = begun(call).finally(() => {
    isOver = true;
    overdue.delete(key);
  });
  const answer = await abortable(work, grace.signal).catch((error: unknown) => {
    if (isOver) throw error;
    overdue.add(key);
    throw notEnded(told);
  });
  const found = matched<unknown>(answer, RESULT);
  if (!found.ok) throw nonsense(told, 'the answer', found.why);
  return shownAnswer(answer);
}
