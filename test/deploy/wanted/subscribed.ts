import { type DeployReport, subscribeDeploys } from '../../../shared/deploy/subscriptions.ts';
import type { DeployEntry } from '../../../shared/source/deploy-entry.ts';
import { EVENT_ORIGIN, ID } from '../../support/stores/memory-sources.ts';
import { type DeployWorld, entryOf } from '../deploy-world.ts';

/** The deploys of one machine, over a world of deploys. */
export function subscribe(
  world: DeployWorld,
  deploys: readonly DeployEntry[] = [entryOf()],
  deps: Partial<DeployWorld['deps']> & { readonly signal?: AbortSignal; readonly tries?: number } = {},
) {
  const reports: DeployReport[] = [];
  const signal = new AbortController().signal;
  const subscriptions = subscribeDeploys({
    ...world.deps,
    origin: EVENT_ORIGIN,
    deploys: () => deploys,
    sources: () => [ID, { ...ID, name: 'other' }],
    signal,
    report: (report) => reports.push(report),
    ...deps,
  });
  const enqueueAll = (isNews = true) => subscriptions.enqueueAll({ isNews });
  const outcomes = (): readonly string[] => reports.map(({ outcome }) => outcome.outcome);
  return { ...subscriptions, enqueueAll, outcomes, reports };
}

/** Time that passes only while somebody waits. */
export function advancing({ clock }: DeployWorld) {
  const waits: number[] = [];
  const sleep = async (milliseconds: number): Promise<void> => {
    waits.push(milliseconds);
    clock.advance(milliseconds);
  };
  return { waits, clock: { now: () => clock.now(), sleep } };
}
