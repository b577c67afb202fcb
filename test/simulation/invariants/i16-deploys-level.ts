import type { Ledger } from '../../../shared/deploy/ledger/ledger.ts';
import type { Status } from '../../../shared/model/status.ts';
import type { TargetRun } from '../world/target.ts';

/** A deploy when faults have stopped, nothing keeps it, and two of its intervals have passed. */
export interface SettledDeploy {
  readonly deploy: string;
  readonly current: Status['current'];
  readonly ledger: Ledger | undefined;
  /** What a generation of its source was. */
  readonly digestOf: (generation: number) => string | undefined;
  readonly target: { readonly current: TargetRun | null; readonly hasDrifted: boolean };
  /** Its document has what drifted brought back. */
  readonly correctsDrift: boolean;
}

/** What nobody ends who is left. */
const LASTING: ReadonlySet<string> = new Set(['dependency', 'verification', 'rejected']);

/** When faults have stopped, each deploy has what is current within two of its intervals. */
export function deployLevel({
  deploy,
  current,
  ledger,
  target,
  digestOf,
  correctsDrift,
}: SettledDeploy): readonly string[] {
  if (current === null) return [];
  if (ledger === undefined) return [`I16: ${deploy} has no ledger`];
  const { applied, run, claim, outbox, failure, skipped, waiting } = ledger;
  // What failed for good, or was left out, is so until something changes; what depends on it waits.
  const isLeft = failure?.kind === 'permanent' || skipped.some(({ digest }) => digest === current.digest);
  if (isLeft || (waiting !== null && LASTING.has(waiting.for))) return [];
  const stands = (): string =>
    JSON.stringify({
      current: target.current,
      applied: applied?.generation,
      run,
      claim,
      failure,
      waiting,
    });
  const isThere = target.current !== null && digestOf(target.current.generation) === current.digest;
  return [
    ...(applied?.generation === current.generation && isThere
      ? []
      : [`I16: ${deploy} has not ${current.generation}, which is current: ${stands()}`]),
    ...(correctsDrift && target.hasDrifted
      ? [`I16: drift of ${deploy} was not brought back: ${stands()}`]
      : []),
    ...(run === null && claim === null && outbox.length === 0
      ? []
      : [`I16: ${deploy} has not ended: ${stands()}`]),
  ];
}
