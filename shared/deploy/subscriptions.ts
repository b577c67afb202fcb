import { asLandfallError } from '../errors.ts';
import { BACKOFF, backoffMs } from '../kernel/backoff.ts';
import { eachOf } from '../kernel/each-of.ts';
import type { EventEnvelope } from '../model/envelope.ts';
import { formatSourceId, type SourceId } from '../model/ids.ts';
import type { DeployEntry } from '../source/deploy-entry.ts';
import { readStatus } from '../store/status-store.ts';
import { type Behind, behindOf } from './behind.ts';
import { deploy } from './deploy.ts';
import { DeployLoop, lookSoonMs } from './deploy-loop.ts';
import type { DeployKinds } from './kinds/deploy-kinds.ts';
import { type LedgerId, readLedger } from './ledger/ledger.ts';
import { LoggedFailures } from './logged-failures.ts';
import { type CurrentEventOptions, wakingEvent } from './visit/current-event.ts';
import { type DeployDeps, type DeployOutcome, endOf } from './visit/deploy-request.ts';
import { deployerOf } from './visit/deployer.ts';
import { isForSource } from './wanted.ts';

/** What the log says of a deploy, for `serve`'s stderr. */
export interface DeployReport {
  readonly deploy: DeployEntry;
  readonly source: SourceId;
  readonly outcome: DeployOutcome;
  /** False for a look by time: what it finds was told when it happened. */
  readonly isNews: boolean;
  /** The same failure was told before, and not long ago. */
  readonly isRepeated: boolean;
}

export interface Subscriptions {
  /** Takes an event: each deploy of its source looks at what is current. */
  accept(event: EventEnvelope): void;
  /** Has one deploy alone look, in its turn. */
  wake(id: LedgerId): void;
  /**
   * Has every deploy compare its ledger, and what it left, with what is current. By time (`isNews` false) what failed
   * for good, and what waits for its next try, is left alone.
   */
  enqueueAll(options: { readonly isNews: boolean }): Promise<void>;
  /** Resolves when nothing is running or waiting. */
  idle(): Promise<void>;
}

export interface SubscriptionsDeps extends DeployDeps {
  readonly origin: Omit<CurrentEventOptions, 'trigger'>;
  readonly kinds: DeployKinds;
  /** As the documents have them now. */
  readonly deploys: () => readonly DeployEntry[];
  readonly sources: () => readonly SourceId[];
  /** Tries of what fails for the moment; absent: for ever. */
  readonly tries?: number;
  readonly signal: AbortSignal;
  readonly report: (report: DeployReport) => void;
}

/** How often to see whether another worker has ended before its claim does. */
const BUSY_LOOK_MS = 1_000;
/** What a window keeps for days is looked at now and then all the same. */
const LONGEST_SLEEP_MS = 60 * 60 * 1_000;

const cappedMs = (waitMs: number | undefined): number | undefined =>
  waitMs === undefined ? undefined : Math.min(waitMs, LONGEST_SLEEP_MS);

/** Ledgers that are looked at at the same time. */
const LOOKS = 8;

const keyOf = ({ deploy: name, ...id }: LedgerId): string => `${name} ${formatSourceId(id)}`;

const done = { outcome: 'done-before' } as const;

/** Looks once. A store or bus that fails, or another worker that was first, is a failure to try again like any other. */
async function look(entry: DeployEntry, id: SourceId, deps: SubscriptionsDeps): Promise<DeployOutcome> {
  try {
    const status = (await readStatus(deps.store.objects, id))?.status;
    if (status === undefined) return done;
    const { ledger } = await readLedger(deps.store.objects, entry.name, id);
    const trigger = ledger.replay === null ? (status.current?.trigger ?? 'schedule') : 'request';
    const event = await wakingEvent(status, { ...deps.origin, trigger }, deps.store);
    if (event === undefined) return done;
    const deployer = deployerOf(deps.kinds, entry);
    return await deploy({ deploy: entry, deployer, event, signal: deps.signal }, deps);
  } catch (error) {
    return { outcome: 'failed', error: asLandfallError(error) };
  }
}

interface Looking extends SubscriptionsDeps {
  readonly logged: LoggedFailures;
  /** Of those whose pattern is not for what is current: how they stood when that was found out. */
  readonly passed: Map<string, string>;
  /** Has those look that depend on a deploy: what they wait for has come, or will not. */
  readonly wakeDependents: (deploy: string) => void;
}

/** Looks, tells, and says in how many milliseconds to look again; undefined: nothing is left to do. */
function looker(
  { deploy: name, ...id }: LedgerId,
  { isNews, mark }: { readonly isNews: boolean; readonly mark: string },
  deps: Looking,
): () => Promise<number | undefined> {
  const key = keyOf({ ...id, deploy: name });
  const source = { namespace: id.namespace, name: id.name };
  let fails = 0;
  let wasBusy = false;
  return async () => {
    const entry = deps.deploys().find((each) => each.name === name && isForSource(each, source));
    if (entry === undefined) return undefined;
    const outcome = await look(entry, source, deps);
    const isRepeated = deps.logged.isRepeated(key, outcome);
    const isLogged = wasBusy && outcome.outcome === 'busy';
    wasBusy = outcome.outcome === 'busy';
    if (outcome.outcome === 'not-wanted') deps.passed.set(key, mark);
    else if (!isLogged) deps.report({ deploy: entry, source, outcome, isNews, isRepeated });
    const end = endOf(outcome);
    if (end !== undefined) deps.wakeDependents(name);
    if (end?.hasMore === true) return 0;
    // Where each source is reconciled once, nobody is there when it ends; what another deploy ends, that one wakes.
    if (outcome.outcome === 'waiting' && deps.tries !== undefined) return undefined;
    if (outcome.outcome === 'running' || outcome.outcome === 'waiting') return cappedMs(outcome.waitMs);
    if (outcome.outcome === 'busy') return Math.min(outcome.waitMs, BUSY_LOOK_MS);
    if (outcome.outcome !== 'failed' || outcome.error.kind === 'permanent') return undefined;
    fails += 1;
    if (deps.tries !== undefined && fails >= deps.tries) return undefined;
    return outcome.retryMs ?? backoffMs(BACKOFF.deploy, fails);
  };
}

/** Runs the deploys of one machine: one loop a deploy and source, so that an older revision never follows a newer. */
export function subscribeDeploys(deps: SubscriptionsDeps): Subscriptions {
  const { deploys, sources, tries, signal } = deps;
  const loops = new Map<string, { readonly loop: DeployLoop; readonly ended: Promise<void> }>();
  const logged = new LoggedFailures();
  const passed = new Map<string, string>();
  const retryMs = (attempts: number): number => backoffMs(BACKOFF.deploy, attempts);
  const wakeDependents = (deploy: string): void => {
    for (const entry of deploys().filter(({ dependsOn }) => dependsOn?.includes(deploy)))
      for (const id of idsOf(entry)) wake(id);
  };
  const isFor = (name: string, id: SourceId): boolean =>
    deploys().some((each) => each.name === name && isForSource(each, id));
  const all = {
    ...deps,
    isFor,
    ...(tries === undefined && { retryMs }),
    lookMs: lookSoonMs,
    logged,
    passed,
    wakeDependents,
  };

  function wake(id: LedgerId, isNews = true, mark = ''): void {
    const key = keyOf(id);
    if (loops.get(key)?.loop.wake() === true) return;
    const loop = new DeployLoop();
    const ended = loop.run(looker(id, { isNews, mark }, all), deps).then(() => {
      if (loops.get(key)?.loop === loop) loops.delete(key);
    });
    loops.set(key, { loop, ended });
  }

  const idsOf = (entry: DeployEntry): readonly LedgerId[] =>
    sources()
      .filter((id) => isForSource(entry, id))
      .map(({ namespace, name }) => ({ namespace, name, deploy: entry.name }));

  async function lookAt(entry: DeployEntry, id: LedgerId, isNews: boolean): Promise<void> {
    if (!isNews && loops.has(keyOf(id))) return;
    // What cannot be read is told of by the look itself.
    const behind = await behindOf(entry, id, all).catch((): Behind => ({ is: 'behind', mark: '' }));
    if (behind.is === 'level' || (!isNews && behind.is === 'failed')) return;
    if (!isNews && behind.mark !== '' && passed.get(keyOf(id)) === behind.mark) return;
    wake(id, isNews, behind.mark);
  }

  return {
    accept: (event) => {
      if (event['detail-type'] !== 'Artifact Revision Changed') return;
      const { namespace, name } = event.detail;
      const id = { namespace, name };
      for (const entry of deploys()) {
        if (isForSource(entry, id)) wake({ ...id, deploy: entry.name });
        if (entry.uses?.includes(formatSourceId(id))) for (const each of idsOf(entry)) wake(each);
      }
    },
    wake: (id) => wake(id),
    enqueueAll: ({ isNews }) => {
      const pairs = deploys().flatMap((entry) => idsOf(entry).map((id) => ({ entry, id })));
      return eachOf(pairs, { limit: LOOKS, signal }, ({ entry, id }) => lookAt(entry, id, isNews));
    },
    idle: async () => {
      while (loops.size > 0) await Promise.all([...loops.values()].map(({ ended }) => ended));
    },
  };
}
