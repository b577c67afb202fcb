import { asLandfallError, LandfallError } from '../errors.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import { COMMAND_GRACE_MS } from '../limits.ts';
import type { RevisionChangedEvent } from '../model/envelope.ts';
import { usesOf } from '../model/used-revision.ts';
import { ledgerKey, runsKey } from '../store/layout.ts';
import { readStatus } from '../store/status-store.ts';
import { visit } from './attempt.ts';
import { deploy } from './deploy.ts';
import type { DeployKinds } from './kinds/deploy-kinds.ts';
import { claimedForMs, endOrphan } from './ledger/claim.ts';
import { type Ledger, type LedgerId, readLedger } from './ledger/ledger.ts';
import type { LedgerRun } from './ledger/ledger-schema.ts';
import { runIdOf } from './ledger/run-id.ts';
import { bindKind } from './visit/bind-kind.ts';
import { type SourceNow, wakingEvent } from './visit/current-event.ts';
import type { DeployDeps, DeployOutcome, DeployRequest } from './visit/deploy-request.ts';
import { revisionOf } from './visit/open-visit.ts';
import { specOfPruned } from './visit/prune-spec.ts';
import { newRun } from './visit/settle.ts';
import { startVisit, visitFault, visitMs } from './visit/visit-deadline.ts';

export type PruneOutcome =
  | { readonly outcome: 'pruned' | 'nothing' }
  | { readonly outcome: 'again'; readonly waitMs: number; readonly message: string }
  | { readonly outcome: 'failed'; readonly error: LandfallError };

interface PruneDeps extends DeployDeps {
  readonly kinds: DeployKinds;
  /** Of the store. */
  readonly bucket: string;
  /** Of the store in its bucket: empty, or ends in a slash. Default empty. */
  readonly prefix?: string | undefined;
}

/** The removal under way, or the one that begins now. One that failed for good is left until a person asks for a replay. */
function removalOf(ledger: Ledger, { bucket, clock }: PruneDeps): LedgerRun | undefined {
  const { applied, run, prunes, failure, replay } = ledger;
  if (applied === null || prunes === null) return undefined;
  if (run?.phase === 'removing' && failure?.kind !== 'permanent') return run;
  if (run?.phase === 'removing' && replay === null) return undefined;
  const { generation, revision, digest, variant, contentDigest, at } = applied;
  const facts = { generation, attempt: 1, token: replay?.token ?? `remove ${at}` };
  const id = runIdOf({ bucket, id: ledger, ...facts, spec: undefined });
  const began = newRun(
    { ...facts, id, revision, digest, variant, contentDigest, ...usesOf(applied) },
    prunes.timeoutMs,
    clock,
  );
  return { ...began, phase: 'removing' };
}

/** What a run of the deploy is told, though it is in no document any more, and its source perhaps in none either. */
async function requestOf(
  ledger: Ledger,
  prunes: NonNullable<Ledger['prunes']>,
  { source, signal }: { readonly source: SourceNow; readonly signal: AbortSignal },
  { kinds, origin, bucket, prefix, store }: PruneDeps,
): Promise<DeployRequest & { readonly event: RevisionChangedEvent }> {
  const { deploy: name, applied, run } = ledger;
  const kind = Object.hasOwn(kinds, prunes.kind) ? kinds[prunes.kind] : undefined;
  if (kind === undefined)
    throw new LandfallError('DEPLOY_FAILED', `deploy ${name}: its kind ${prunes.kind} is not here`);
  const facts = run ?? applied;
  const current = facts === null ? null : revisionOf(facts, source);
  const about = { ...origin, bucket, prefix, trigger: 'schedule' } as const;
  const event = await wakingEvent({ ...source, current }, about, store, { signal });
  if (event === undefined) throw new LandfallError('INTERNAL', `deploy ${name} has nothing to prune`);
  const deployer = bindKind(kind, name, prunes.settings);
  return { deploy: specOfPruned(ledger, prunes), deployer, event, signal };
}

const againOf = (outcome: DeployOutcome): PruneOutcome => {
  if (outcome.outcome === 'running') return { ...outcome, outcome: 'again' };
  if (outcome.outcome === 'busy') return again(outcome.waitMs, 'another worker is at it');
  if (outcome.outcome === 'failed' && outcome.error.code === 'CANCELLED') return { outcome: 'nothing' };
  return again(outcome.outcome === 'failed' ? (outcome.retryMs ?? 0) : 0, 'what was under way has ended');
};

const again = (waitMs: number, message: string): PruneOutcome => ({ outcome: 'again', waitMs, message });

/**
 * One visit of a removal: takes away what a deploy left that is in no document any more, and then its ledger. What was
 * under way is ended first. Only what the ledger says is ours is named to the kind.
 * @throws LandfallError STORE_CONFLICT, EMIT_FAILED, and what the store throws
 */
export async function pruneDeploy(
  id: LedgerId,
  deps: PruneDeps,
  {
    signal,
    isWanted = () => false,
  }: CallOptions & {
    readonly signal: AbortSignal;
    /** Whether it is in a document again by now: asked last, right before something is taken away. Default: it is not. */
    readonly isWanted?: (options: CallOptions) => boolean | Promise<boolean>;
  },
): Promise<PruneOutcome> {
  const { clock, store } = deps;
  const { objects } = store;
  const stored = await readLedger(objects, id.deploy, id, { signal });
  const { ledger } = stored;
  const { prunes, run } = ledger;
  if (prunes === null) return { outcome: 'nothing' };
  const { namespace, name } = id;
  const unknown = { namespace, name, url: '', labels: {}, current: null, history: [] };
  const source = (await readStatus(objects, id, { signal }))?.status ?? unknown;
  const isUnderWay = run !== null && run.phase !== 'step' && run.phase !== 'removing';
  if (isUnderWay) {
    const request = await requestOf(ledger, prunes, { source, signal }, deps);
    return againOf(await deploy({ ...request, onlyDue: true, onlyUnderWay: true }, deps));
  }
  const removal = removalOf(ledger, deps);
  if (removal === undefined) return { outcome: 'nothing' };
  await endOrphan(ledger, COMMAND_GRACE_MS);
  const busy = claimedForMs(ledger, clock);
  if (busy > 0) return again(busy, 'another worker is at it');
  const request = await requestOf({ ...ledger, run: removal }, prunes, { source, signal }, deps);
  const revision = revisionOf(removal, source);
  // The store may have taken minutes to answer. From here on the time of the visit holds.
  if (await isWanted({ signal })) return { outcome: 'nothing' };
  const timeoutMs = visitMs(request.deploy, request.deployer, removal.phase);
  // From before the claim, as that of the visit.
  using deadline = startVisit(request.deploy, timeoutMs, signal);
  const until = clock.now() + timeoutMs;
  const outcome = await visit(request, { run: removal, revision, stored }, deps);
  if (outcome.outcome === 'failed' && outcome.error.code !== 'CANCELLED')
    return { outcome: 'failed', error: outcome.error };
  if (outcome.outcome !== 'applied') return againOf(outcome);
  // Whoever stood still hears of a deadline late: once the claim may be over, the ledger may be of who came meanwhile.
  if (clock.now() >= until) return again(0, 'it took longer than its claim');
  // The claim is still ours. What is cut off here is found again, and its target gone already.
  const keys = [ledgerKey(id.deploy, id), runsKey(id.deploy, id)];
  await objects.delete(keys, { signal: deadline.signal }).catch((error: unknown) => {
    throw visitFault(asLandfallError(error), deadline, signal);
  });
  return { outcome: 'pruned' };
}
