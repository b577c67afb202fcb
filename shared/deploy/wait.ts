import { timestamp } from '../clock.ts';
import { asLandfallError } from '../errors.ts';
import { deployWaitingEvent } from '../event/deploy-events.ts';
import { PLAN_CHANGES, PLAN_CHARACTERS } from '../limits.ts';
import type { RevisionChangedEvent } from '../model/envelope.ts';
import { decidedDigest, usesOf } from '../model/used-revision.ts';
import { printableMessage } from '../printable.ts';
import type { Hold } from './holds.ts';
import type { DeployPlan } from './kit/plan.ts';
import { flushLedger } from './ledger/flush-ledger.ts';
import { type Ledger, type StoredLedger, writeLedger } from './ledger/ledger.ts';
import type { LedgerWaiting } from './ledger/ledger-schema.ts';
import { newRunOf } from './new-run.ts';
import type { WantedRevision } from './used-sources.ts';
import type { DeployDeps, DeployOutcome, DeployRequest } from './visit/deploy-request.ts';
import { openVisit } from './visit/open-visit.ts';
import { RunLog } from './visit/run-log.ts';
import { requireRecord } from './visit/visit-artifact.ts';
import { startVisit, visitFault, visitMs } from './visit/visit-deadline.ts';

type WaitRequest = DeployRequest & { readonly event: RevisionChangedEvent };

const short = (text: string): string => text.slice(0, PLAN_CHARACTERS);

/** What a ledger keeps of a plan. */
const keptPlan = ({ summary, changes }: DeployPlan): NonNullable<LedgerWaiting['plan']> => ({
  summary: short(summary),
  changes: changes.slice(0, PLAN_CHANGES).map(({ action, what, why }) => ({
    action,
    what: short(what),
    ...(why !== undefined && { why: short(why) }),
  })),
  more: Math.max(0, changes.length - PLAN_CHANGES),
});

/** What the kind would do now. Writes nothing. @throws LandfallError of the kind */
export async function planOf(
  request: WaitRequest,
  { current, ledger }: { readonly current: WantedRevision; readonly ledger: Ledger },
  deps: DeployDeps,
): Promise<DeployPlan> {
  const { deploy, deployer, event } = request;
  using deadline = startVisit(deploy, visitMs(deploy, { isLong: true }), request.signal);
  const { signal } = deadline;
  const run = newRunOf(request, { current, ledger, isPutBack: false }, deps);
  const log = new RunLog(deps.clock);
  const found = await deps.store.artifacts.record(current, { signal });
  const record = requireRecord(deploy.name, current.revision, found);
  const facts = {
    run,
    revision: current,
    record,
    event,
    ledger,
    signal,
    log,
    claimFor: async () => undefined,
  };
  try {
    return await deployer.plan(openVisit(request, facts, deps));
  } catch (error) {
    throw visitFault(asLandfallError(error), deadline, request.signal);
  }
}

interface Waited {
  readonly hold: Hold;
  readonly current: WantedRevision;
  readonly stored: StoredLedger;
}

/** The same reason at the same revision, whose words may have changed. */
const isSame = (before: LedgerWaiting | null, hold: Hold, current: WantedRevision): before is LedgerWaiting =>
  before?.for === hold.for && decidedDigest(before) === decidedDigest(current);

/** A plan that cannot be made is no reason not to wait. */
async function toldPlan(
  request: WaitRequest,
  { hold, current, stored: { ledger } }: Waited,
  deps: DeployDeps,
): Promise<{ readonly plan: LedgerWaiting['plan']; readonly why?: string }> {
  const { waiting } = ledger;
  if (!hold.isPlanned) return { plan: null };
  if (isSame(waiting, hold, current) && waiting.plan !== null) return { plan: waiting.plan };
  try {
    return { plan: keptPlan(await planOf(request, { current, ledger }, deps)) };
  } catch (error) {
    const { code, message } = asLandfallError(error);
    return { plan: null, why: `; what it would do cannot be said: ${code}: ${message}` };
  }
}

/** Writes down, once, what a deploy waits for, and tells of it. */
export async function wait(request: WaitRequest, waited: Waited, deps: DeployDeps): Promise<DeployOutcome> {
  const { hold, current, stored } = waited;
  const { store, clock, origin } = deps;
  const { signal, deploy: entry, event } = request;
  const { generation, revision, digest } = current;
  const before = stored.ledger.waiting;
  const isNew = !isSame(before, hold, current);
  const { plan, why = '' } = await toldPlan(request, waited, deps);
  const since = isNew ? timestamp(clock) : before.since;
  const next = hold.next === null ? null : new Date(hold.next).toISOString();
  const message = printableMessage(`${hold.message}${why}`);
  const facts = { generation, revision, digest, ...usesOf(current) };
  const waiting = { for: hold.for, ...facts, since, message, next, plan };
  const told = isNew ? [waitingEvent({ entry, event, waiting }, { clock, origin })] : [];
  if (isNew || message !== before.message || plan !== before.plan) {
    const ledger = {
      ...stored.ledger,
      kind: entry.kind,
      waiting,
      outbox: [...stored.ledger.outbox, ...told],
    };
    const written = await writeLedger(store.objects, ledger, stored, { signal });
    await flushLedger(written, deps, { signal });
  }
  const waitMs = hold.next === null ? undefined : Math.max(0, hold.next - clock.now());
  return {
    outcome: 'waiting',
    revision: { generation, revision, digest },
    waitsFor: hold.for,
    message,
    isNew,
    ...(waitMs !== undefined && { waitMs }),
  };
}

function waitingEvent(
  {
    entry,
    event,
    waiting,
  }: {
    readonly entry: WaitRequest['deploy'];
    readonly event: RevisionChangedEvent;
    readonly waiting: LedgerWaiting;
  },
  { clock, origin }: Pick<DeployDeps, 'clock' | 'origin'>,
) {
  const { namespace, name, url, labels } = event.detail;
  const { for: waitsFor, message, next, plan, since } = waiting;
  const held = {
    source: { namespace, name, url, labels },
    deploy: entry.name,
    kind: entry.kind,
    revision: waiting,
    origin: { account: origin.account, region: origin.region, time: timestamp(clock) },
  };
  const counted = plan && { summary: plan.summary, changes: plan.changes.length + plan.more };
  return deployWaitingEvent(held, { waitsFor, message, next, plan: counted }, since);
}
