import { asLandfallError } from '../errors.ts';
import { BACKOFF, backoffMs } from '../kernel/backoff.ts';
import type { EventEnvelope, RevisionChangedEvent } from '../model/envelope.ts';
import { formatSourceId } from '../model/ids.ts';
import type { DeployEntry } from '../source/deploy-entry.ts';
import { deploy } from './deploy.ts';
import type { DeployDeps, DeployOutcome } from './deploy-request.ts';
import { type Deployers, deployerOf } from './deployer.ts';
import { isWanted } from './wanted.ts';

/** What the log says of a deploy, for `serve`'s stderr. */
export interface DeployReport {
  readonly deploy: DeployEntry;
  readonly event: RevisionChangedEvent;
  readonly outcome: DeployOutcome;
}

export interface Subscriptions {
  /** Takes an event; deploys of the same source run one after the other, in order. */
  accept(event: EventEnvelope): void;
  /** Has one deploy alone look at an event, in its turn. */
  wake(deploy: DeployEntry, event: RevisionChangedEvent): void;
  /** Takes what an earlier process may have missed, from the log of events. */
  catchUp(log: AsyncIterable<EventEnvelope>): Promise<void>;
  /** Resolves when nothing is running or waiting. */
  idle(): Promise<void>;
}

export interface SubscriptionsDeps extends DeployDeps {
  readonly deployers: Deployers;
  /** As the documents have them now. */
  readonly deploys: () => readonly DeployEntry[];
  readonly signal: AbortSignal;
  readonly report: (report: DeployReport) => void;
}

const ATTEMPTS = 5;

/** How often to see whether another worker has ended before its claim does. */
const BUSY_LOOK_MS = 1_000;

/** A transient failure is tried again after 1, 2, 4 and 8 seconds; then the next event or start tries again. */
async function deployWithRetry(
  entry: DeployEntry,
  event: RevisionChangedEvent,
  deps: SubscriptionsDeps,
): Promise<void> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const outcome = await outcomeWhenFree(entry, event, deps);
    if (outcome.outcome !== 'not-wanted') deps.report({ deploy: entry, event, outcome });
    if (outcome.outcome !== 'failed' || outcome.error.kind === 'permanent') return;
    await deps.clock.sleep(backoffMs(BACKOFF.deploy, attempt), deps.signal).catch(() => {});
    if (deps.signal.aborted) return;
  }
}

/** Another worker's turn is no try of ours; what it leaves to do is seen when it has ended. */
async function outcomeWhenFree(
  entry: DeployEntry,
  event: RevisionChangedEvent,
  deps: SubscriptionsDeps,
): Promise<DeployOutcome> {
  for (let isTold = false; ; isTold = true) {
    const outcome = await outcomeOf(entry, event, deps);
    if (outcome.outcome !== 'busy' || deps.signal.aborted) return outcome;
    if (!isTold) deps.report({ deploy: entry, event, outcome });
    await deps.clock.sleep(Math.min(outcome.waitMs, BUSY_LOOK_MS), deps.signal).catch(() => {});
  }
}

/** A store or bus that fails, or another worker that was first, is a failure to try again like any other. */
async function outcomeOf(
  entry: DeployEntry,
  event: RevisionChangedEvent,
  deps: SubscriptionsDeps,
): Promise<DeployOutcome> {
  try {
    const deployer = deployerOf(deps.deployers, entry);
    return await deploy({ deploy: entry, deployer, event, signal: deps.signal }, deps);
  } catch (error) {
    return { outcome: 'failed', error: asLandfallError(error) };
  }
}

interface Wanted {
  readonly entry: DeployEntry;
  readonly event: RevisionChangedEvent;
}

/** A deploy applies what is current, so the last event it wanted of each source is all it can have missed. */
async function lastWanted(
  deploys: readonly DeployEntry[],
  log: AsyncIterable<EventEnvelope>,
): Promise<Iterable<Wanted>> {
  const last = new Map<string, Wanted>();
  for await (const event of log) {
    for (const entry of deploys) {
      if (isWanted(entry, event)) last.set(chainKey(entry, event), { entry, event });
    }
  }
  return last.values();
}

const chainKey = ({ name }: DeployEntry, { detail }: RevisionChangedEvent): string =>
  `${name} ${formatSourceId(detail)}`;

/** Runs the deploys of one machine: one chain a deploy and source, so that an older revision never follows a newer. */
export function subscribeDeploys(deps: SubscriptionsDeps): Subscriptions {
  const chains = new Map<string, Promise<void>>();
  const enqueue = (entry: DeployEntry, event: RevisionChangedEvent): void => {
    const key = chainKey(entry, event);
    const chain = (chains.get(key) ?? Promise.resolve()).then(() => deployWithRetry(entry, event, deps));
    chains.set(key, chain);
    void chain.then(() => {
      if (chains.get(key) === chain) chains.delete(key);
    });
  };
  return {
    accept: (event) => {
      if (event['detail-type'] !== 'Artifact Revision Changed') return;
      for (const entry of deps.deploys()) enqueue(entry, event);
    },
    wake: enqueue,
    catchUp: async (log) => {
      for (const { entry, event } of await lastWanted(deps.deploys(), log)) enqueue(entry, event);
    },
    idle: async () => {
      while (chains.size > 0) await Promise.all(chains.values());
    },
  };
}
