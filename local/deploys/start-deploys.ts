import type { Clock } from '../../shared/clock.ts';
import { readSecret, type SecretDeps } from '../../shared/credentials/secret.ts';
import { lookSoonMs } from '../../shared/deploy/deploy-loop.ts';
import { deployState } from '../../shared/deploy/deploy-state.ts';
import { deployKinds } from '../../shared/deploy/kinds/deploy-kinds.ts';
import { type LedgerId, readLedger } from '../../shared/deploy/ledger/ledger.ts';
import { replayEvent, withdrawReplay } from '../../shared/deploy/replay.ts';
import { subscribeDeploys } from '../../shared/deploy/subscriptions.ts';
import type { LocationOf } from '../../shared/deploy/visit/artifact-location.ts';
import type { DeployDeps } from '../../shared/deploy/visit/deploy-request.ts';
import { isForSource } from '../../shared/deploy/wanted.ts';
import type { InProcessBus } from '../../shared/event/in-process-bus.ts';
import type { Log } from '../../shared/log.ts';
import type { Bus } from '../../shared/model/envelope.ts';
import { formatSourceId, type SourceId } from '../../shared/model/ids.ts';
import type { StoreOrigin } from '../../shared/reconcile/deps.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';
import type { Store } from '../../shared/store/store.ts';
import type { Observer } from '../observe/observer.ts';
import { reportDeploy } from '../report.ts';
import { machineDeployAws } from './machine-deploy-aws.ts';
import { machineSites } from './machine-sites.ts';
import { PruneDeploys } from './prune-deploys.ts';

export interface StartDeploysDeps {
  readonly store: Store;
  /** Where deploys find an artifact. */
  readonly locationOf: LocationOf;
  readonly bus: InProcessBus;
  readonly origin: StoreOrigin;
  readonly secrets: SecretDeps;
  readonly log: Log;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** As the documents have them now. */
  readonly entries: () => readonly DeployEntry[];
  readonly sources: () => readonly SourceId[];
  /** False: what is not among these may be in a document that is refused, or in a cluster that is not found yet. Nothing is pruned then. */
  readonly isWhole: () => boolean;
  /** Tries of what fails for the moment; absent: for ever. */
  readonly tries?: number;
}

export interface DeploysStanding {
  /** Of deploys and sources that have landed something. */
  readonly succeeded: number;
  /** `DEPLOY of NAMESPACE/NAME`: failed, for the moment or for good, or cut off. */
  readonly failed: readonly string[];
}

export interface RunningDeploys {
  /** Runs what a person asked one deploy to apply once more. */
  replay(id: LedgerId): Promise<void>;
  /** Has each compare its ledger with what is current: at the start, and when the documents have changed. */
  enqueueAll(): Promise<void>;
  /** The same by time, until the signal aborts: whatever was lost, and whatever was changed by hand. */
  lookByTime(everyMs: number): Promise<void>;
  /** How each stands now. */
  standing(): Promise<DeploysStanding>;
  idle(): Promise<void>;
}

/** What every deploy of this machine works with. */
export const deployDeps = ({
  store,
  bus,
  origin,
  clock,
  secrets,
  locationOf,
}: Pick<StartDeploysDeps, 'origin' | 'clock' | 'secrets'> &
  Pick<DeployDeps, 'locationOf'> & { readonly store: Store; readonly bus: Bus }): DeployDeps => ({
  store,
  bus,
  clock,
  origin: { account: origin.account, region: origin.region },
  locationOf,
  sites: machineSites({ store, clock }),
  secret: (where) => readSecret(where, secrets),
  aws: ({ role, region }, signal) => machineDeployAws({ clock, role, region, signal }),
});

async function standingOf(
  entries: readonly DeployEntry[],
  sources: readonly SourceId[],
  { store, clock, signal }: Pick<StartDeploysDeps, 'store' | 'clock' | 'signal'>,
): Promise<DeploysStanding> {
  const failed: string[] = [];
  let succeeded = 0;
  for (const entry of entries) {
    for (const id of sources.filter((each) => isForSource(entry, each))) {
      const state = await readLedger(store.objects, entry.name, id, { signal }).then(
        ({ ledger }) => ({ ...deployState(ledger, clock), fails: ledger.failure !== null }),
        () => undefined,
      );
      if (state?.state === 'Succeeded') succeeded += 1;
      else if (state === undefined || state.fails || state.state === 'CutOff')
        failed.push(`${entry.name} of ${formatSourceId(id)}`);
    }
  }
  return { succeeded, failed };
}

/** Subscribes the deploys of this machine to its bus. */
export function startDeploys(deps: StartDeploysDeps): RunningDeploys {
  const { store, bus, origin, log, clock, signal, entries, sources, tries } = deps;
  const all = deployDeps(deps);
  const kinds = deployKinds();
  const { bucket, prefix } = origin;
  const about = { kinds, bucket, prefix, entries, signal, log, ...(tries !== undefined && { tries }) };
  const pruning = new PruneDeploys({ ...all, lookMs: lookSoonMs, ...about });
  const subscriptions = subscribeDeploys({
    ...all,
    origin,
    kinds,
    signal,
    sources,
    deploys: entries,
    ...(tries !== undefined && { tries }),
    report: (report) => {
      deps.observer.deployed(report);
      reportDeploy(log, report);
    },
  });
  bus.subscribe((event) => subscriptions.accept(event));
  return {
    replay: async (id) => {
      const entry = entries().find((each) => each.name === id.deploy && isForSource(each, id));
      const event = entry === undefined ? undefined : await replayEvent(id, { store, origin, signal });
      if (entry !== undefined && event !== undefined) return subscriptions.wake(id);
      // Of a removal that failed for good.
      if (entry === undefined && deps.isWhole() && (await pruning.enqueue(id))) return undefined;
      await withdrawReplay(id, { store, clock, signal });
      log('warn', 'replay of a deploy that is not there', { deploy: id.deploy, source: formatSourceId(id) });
    },
    enqueueAll: async () => {
      if (deps.isWhole()) await pruning.enqueueAll();
      await subscriptions.enqueueAll({ isNews: true });
    },
    lookByTime: async (everyMs) => {
      for (;;) {
        await clock.sleep(everyMs, signal).catch(() => {});
        if (signal.aborted) return;
        await subscriptions.enqueueAll({ isNews: false }).catch((error: unknown) => {
          if (!signal.aborted) log('error', 'deploys could not be looked at', { error: String(error) });
        });
      }
    },
    standing: () =>
      standingOf(
        entries().filter(({ lacksCluster }) => lacksCluster !== true),
        sources(),
        deps,
      ),
    idle: async () => {
      await Promise.all([subscriptions.idle(), pruning.idle()]);
    },
  };
}
