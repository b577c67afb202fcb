import type { Clock } from '../shared/clock.ts';
import type { SecretDeps } from '../shared/credentials/secret.ts';
import { deployCommand } from '../shared/deploy/command-deployer.ts';
import { deployDirectory } from '../shared/deploy/directory-deployer.ts';
import { httpDeployer } from '../shared/deploy/http-deployer.ts';
import { subscribeDeploys } from '../shared/deploy/subscriptions.ts';
import type { InProcessBus } from '../shared/event/in-process-bus.ts';
import { readEvents } from '../shared/event/read-events.ts';
import type { Log } from '../shared/log.ts';
import type { Place } from '../shared/reconcile/deps.ts';
import type { DeployEntry } from '../shared/source/source.ts';
import type { DirectoryStore } from '../shared/store/directory-store.ts';
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
  /** Applies what an earlier process landed and did not deploy. */
  catchUp(): Promise<void>;
  idle(): Promise<void>;
}

/** Subscribes the deploys of this machine to its bus. */
export function startDeploys({
  store,
  bus,
  place,
  secrets,
  log,
  clock,
  signal,
  entries,
}: StartDeploysDeps): RunningDeploys {
  const subscriptions = subscribeDeploys({
    store,
    bus,
    clock,
    signal,
    place: { account: place.account, region: place.region },
    deployers: { directory: deployDirectory, command: deployCommand, http: httpDeployer(secrets) },
    directoryOf: directoryOf(store.root),
    deploys: entries,
    report: (report) => reportDeploy(log, report),
  });
  bus.subscribe((event) => subscriptions.accept(event));
  return {
    catchUp: () => subscriptions.catchUp(readEvents(store.root)),
    idle: () => subscriptions.idle(),
  };
}
