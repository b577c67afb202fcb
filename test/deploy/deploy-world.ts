import assert from 'node:assert/strict';
import { deploy } from '../../shared/deploy/deploy.ts';
import type { DeployDeps, DeployOutcome } from '../../shared/deploy/deploy-request.ts';
import { type Applying, type Deployers, deployerOf } from '../../shared/deploy/deployer.ts';
import { type Ledger, readLedger } from '../../shared/deploy/ledger.ts';
import type { EventEnvelope, RevisionChangedEvent } from '../../shared/model/envelope.ts';
import type { DeployCommon, DeployEntry } from '../../shared/source/deploy-entry.ts';
import { artifactPrefix } from '../../shared/store/layout.ts';
import { committed, type Files, ID, openWorld, PLACE, type World } from '../support/memory-sources.ts';

export const entryOf = (changes: Partial<DeployCommon> = {}): DeployEntry<'command'> => ({
  name: 'app',
  kind: 'command',
  source: 'web/*',
  command: ['true'],
  timeoutMs: 60_000,
  ...changes,
});

/** The same deploy as a link. */
export const linkOf = (changes: Partial<DeployCommon> = {}): DeployEntry<'directory'> => {
  const { command, ...common } = entryOf(changes);
  return { ...common, kind: 'directory', target: '/live' };
};

/** A source that lands what it is given, and a deployer that writes down what it is told. */
export interface DeployWorld extends World {
  readonly applied: (Applying & { readonly deploy: DeployEntry })[];
  readonly deps: DeployDeps & { readonly deployers: Deployers; readonly place: typeof PLACE };
  /** Thrown by the deployer, oldest first; then it succeeds. */
  readonly failures: unknown[];
  /** Pushes and lands; the event of it. */
  land(files: Files): Promise<RevisionChangedEvent>;
  deploy(event: EventEnvelope, options?: DeployOptions): Promise<DeployOutcome>;
  ledger(entry?: DeployEntry): Promise<Ledger>;
}

export interface DeployOptions {
  readonly entry?: DeployEntry;
  readonly deps?: Partial<DeployWorld['deps']>;
  readonly signal?: AbortSignal;
}

export function openDeployWorld(): DeployWorld {
  const world = openWorld();
  const applied: (Applying & { readonly deploy: DeployEntry })[] = [];
  const failures: unknown[] = [];
  const apply = async (input: Applying & { readonly deploy: DeployEntry }): Promise<void> => {
    applied.push(input);
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
  };
  const deps: DeployWorld['deps'] = {
    ...world,
    place: PLACE,
    deployers: { command: { apply }, http: { apply }, directory: { apply, followsEveryRevision: true } },
    locationOf: (id, path = '') => ({ in: 'directory', directory: artifactPrefix(id) + path }),
  };
  return {
    ...world,
    applied,
    failures,
    deps,
    land: async (files) => {
      world.push('latest', files);
      committed(await world.look());
      const event = world.events('Artifact Revision Changed').at(-1);
      assert.ok(event?.['detail-type'] === 'Artifact Revision Changed');
      return event;
    },
    deploy: (event, { entry = entryOf(), deps: others, signal = new AbortController().signal } = {}) =>
      deploy(
        { deploy: entry, deployer: deployerOf({ ...deps, ...others }.deployers, entry), event, signal },
        { ...deps, ...others },
      ),
    ledger: async (entry = entryOf()) => (await readLedger(world.store.objects, entry.name, ID)).ledger,
  };
}

/** A deploy that is stopped while its deployer runs, which then throws, or ends well. */
export function stoppedIn(failure?: unknown): Required<Pick<DeployOptions, 'signal' | 'deps'>> {
  const stop = new AbortController();
  const apply = async (): Promise<void> => {
    stop.abort();
    if (failure !== undefined) throw failure;
  };
  const deployer = { apply };
  const deployers = { command: deployer, http: deployer, directory: deployer };
  return { signal: stop.signal, deps: { deployers } };
}

/** The generations the deployer was run for, in order. */
export const generations = ({ applied }: DeployWorld): readonly number[] =>
  applied.map(({ revision }) => revision.generation);
