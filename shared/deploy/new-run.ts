import { type Clock, timestamp } from '../clock.ts';
import type { RevisionChangedEvent } from '../model/envelope.ts';
import { usesOf } from '../model/used-revision.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { LedgerRun } from './ledger/ledger-schema.ts';
import { runIdOf } from './ledger/run-id.ts';
import type { WantedRevision } from './used-sources.ts';
import type { DeployDeps, DeployRequest } from './visit/deploy-request.ts';
import { newRun } from './visit/settle.ts';

type RunRequest = Pick<DeployRequest, 'deploy' | 'deployer'> & {
  /** Of the generation that is applied. */
  readonly event: RevisionChangedEvent;
};

/**
 * The first run of a ledger says when that was, and so does the first after a removal that was begun: whatever a run before
 * put there may be gone, and no later one has its name, of a replay neither.
 */
export function withBirth(ledger: Ledger, clock: Clock): Ledger {
  const { applied, started, run, failure } = ledger;
  const isFirst = [applied, started, run, failure].every((each) => each === null);
  return isFirst || run?.phase === 'removing' ? { ...ledger, born: timestamp(clock) } : ledger;
}

/**
 * Tells a run from those that its generation had before; undefined: it had none. What a person asks for again, is put back,
 * or comes with another image, is another run each time; one that was cut off as it began goes on with the same.
 */
function tokenOf(
  { replay, run, applied }: Ledger,
  generation: number,
  isPutBack: boolean,
): string | undefined {
  if (replay !== null) return replay.token;
  if (run?.phase === 'step' && run.generation === generation) return run.token ?? undefined;
  return isPutBack || applied?.generation === generation ? `since ${applied?.at}` : undefined;
}

/** The run that would begin now. */
export function newRunOf(
  { deploy: entry, deployer, event }: RunRequest,
  {
    current,
    ledger,
    isPutBack,
  }: { readonly current: WantedRevision; readonly ledger: Ledger; readonly isPutBack: boolean },
  { clock }: Pick<DeployDeps, 'clock'>,
): LedgerRun {
  const { failure } = ledger;
  const { generation, revision, digest, variant, contentDigest } = current;
  const token = tokenOf(ledger, generation, isPutBack);
  const tries = failure?.generation === generation ? failure.attempts + 1 : 1;
  const { namespace, name, born } = ledger;
  const id = runIdOf({
    bucket: event.detail.artifact.bucket,
    id: { deploy: entry.name, namespace, name, born },
    generation,
    attempt: tries,
    token,
    spec: deployer.spec,
  });
  const facts = {
    id,
    generation,
    revision,
    digest,
    variant,
    contentDigest,
    ...usesOf(current),
    attempt: tries,
  };
  return newRun({ ...facts, token: token ?? null }, entry.timeoutMs, clock);
}

/** What was begun by a worker that was killed is the same run, which has been under way since then. */
export const takenUp = (run: LedgerRun, before: LedgerRun | null): LedgerRun =>
  before?.id === run.id && before.phase === 'step' ? { ...run, since: before.since } : run;
