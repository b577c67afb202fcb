import type { Clock } from '../shared/clock.ts';
import type { SecretDeps } from '../shared/credentials/secret.ts';
import { deployCommand } from '../shared/deploy/command/command-deployer.ts';
import type { DeployDeps } from '../shared/deploy/deploy-request.ts';
import type { Deployers } from '../shared/deploy/deployer.ts';
import { deployDirectory } from '../shared/deploy/directory-deployer.ts';
import { httpDeployer } from '../shared/deploy/http-deployer.ts';
import type { LedgerId } from '../shared/deploy/ledger.ts';
import { replayEvent, withdrawReplay } from '../shared/deploy/replay.ts';
import { subscribeDeploys } from '../shared/deploy/subscriptions.ts';
import { isForSource } from '../shared/deploy/wanted.ts';
import type { InProcessBus } from '../shared/event/in-process-bus.ts';
import { readEvents } from '../shared/event/read-events.ts';
import type { Log } from '../shared/log.ts';
import type { Bus } from '../shared/model/envelope.ts';
import { formatSourceId } from '../shared/model/ids.ts';
import type { Place } from '../shared/reconcile/deps.ts';
import type { DeployEntry } from '../shared/source/deploy-entry.ts';
import type { DirectoryStore } from '../shared/store/directory/directory-store.ts';
import type { Store } from '../shared/store/store.ts';
import { directoryOf } from './place.ts';
import { reportDeploy } from './report.ts';

export interface StartDeploysDeps {
  readonly store: DirectoryStore;
  readonly bus: InProcessBus;
  readonly place: Place;
  readonly secrets: SecretDeps;
  readonly log: Log;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** As the documents have them now. */
  readonly entries: () => readonly DeployEntry[];
}

export interface RunningDeploys {
  /** Runs what a person asked one deploy to apply once more. */
  replay(id: LedgerId): Promise<void>;
  /** Applies what an earlier process landed and did not deploy. */
  catchUp(): Promise<void>;
  idle(): Promise<void>;
}

/** The kinds there are on this machine. */
export const machineDeployers = (secrets: SecretDeps): Deployers => ({
  directory: deployDirectory,
  command: deployCommand,
  http: httpDeployer(secrets),
});

/** What every deploy of this machine works with. */
export const deployDeps = ({
  store,
  bus,
  place,
  clock,
}: Pick<StartDeploysDeps, 'place' | 'clock'> & {
  readonly store: Store & { readonly root: string };
  readonly bus: Bus;
}): DeployDeps => ({
  store,
  bus,
  clock,
  place: { account: place.account, region: place.region },
  directoryOf: directoryOf(store.root),
});

/** Subscribes the deploys of this machine to its bus. */
export function startDeploys(deps: StartDeploysDeps): RunningDeploys {
  const { store, bus, place, log, signal, entries } = deps;
  const subscriptions = subscribeDeploys({
    ...deployDeps(deps),
    deployers: machineDeployers(deps.secrets),
    signal,
    deploys: entries,
    report: (report) => reportDeploy(log, report),
  });
  bus.subscribe((event) => subscriptions.accept(event));
  return {
    replay: async (id) => {
      const entry = entries().find((each) => each.name === id.deploy && isForSource(each, id));
      const event = entry === undefined ? undefined : await replayEvent(id, { store, place });
      if (entry !== undefined && event !== undefined) return subscriptions.wake(entry, event);
      await withdrawReplay(id, { store });
      log('warn', 'replay of a deploy that is not there', { deploy: id.deploy, source: formatSourceId(id) });
    },
    catchUp: () => subscriptions.catchUp(readEvents(store.root)),
    idle: () => subscriptions.idle(),
  };
}
