import assert from 'node:assert/strict';
import * as z from 'zod/mini';
import { deploy } from '../../shared/deploy/deploy.ts';
import { type DeployKinds, kindsOf } from '../../shared/deploy/kinds/deploy-kinds.ts';
import { type DefinedDeploy, defineDeploy } from '../../shared/deploy/kit/define-deploy.ts';
import type { DeployContext } from '../../shared/deploy/kit/deploy-context.ts';
import { type DecideRequest, decideDeploy } from '../../shared/deploy/ledger/decide.ts';
import { type Ledger, readLedger } from '../../shared/deploy/ledger/ledger.ts';
import type { DeployDeps, DeployOutcome } from '../../shared/deploy/visit/deploy-request.ts';
import { deployerOf } from '../../shared/deploy/visit/deployer.ts';
import type { EventEnvelope, RevisionChangedEvent } from '../../shared/model/envelope.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';
import { artifactPrefix } from '../../shared/store/layout.ts';
import {
  committed,
  EVENT_ORIGIN,
  type Files,
  ID,
  openWorld,
  type World,
} from '../support/stores/memory-sources.ts';

export const entryOf = (changes: Partial<DeployEntry> = {}): DeployEntry => ({
  name: 'app',
  kind: 'command',
  source: 'web/*',
  timeoutMs: 60_000,
  settings: { command: ['true'] },
  ...changes,
});

/** The same deploy as a link. */
export const linkOf = (changes: Partial<DeployEntry> = {}): DeployEntry =>
  entryOf({ ...changes, kind: 'directory', settings: { target: '/live' } });

export type Applying = DeployContext<object>;

/** A kind that does in one step whatever is wanted of it. */
export const kindWith = (
  kind: string,
  apply: (context: Applying) => Promise<void>,
  traits: {
    readonly followsEveryRevision?: true;
    readonly undo?: (context: Applying) => Promise<{ readonly state: 'succeeded' }>;
  } = {},
): DefinedDeploy =>
  defineDeploy<object>({
    ...traits,
    kind,
    settings: z.looseObject({}),
    plan: async () => ({ changes: [{ action: 'run', what: kind }], summary: kind }),
    step: async (context) => {
      await apply(context);
      return { state: 'succeeded' };
    },
  });

/** Those that do the same, whichever of them a deploy is. */
export const kindsWith = (apply: (context: Applying) => Promise<void>): DeployKinds =>
  kindsOf([
    kindWith('command', apply),
    kindWith('http', apply),
    kindWith('directory', apply, { followsEveryRevision: true }),
  ]);

/** A source that lands what it is given, and a deployer that writes down what it is told. */
export interface DeployWorld extends World {
  readonly applied: Applying[];
  readonly deps: DeployDeps & { readonly kinds: DeployKinds; readonly origin: typeof EVENT_ORIGIN };
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
  const applied: Applying[] = [];
  const failures: unknown[] = [];
  const apply = async (input: Applying): Promise<void> => {
    applied.push(input);
    const failure = failures.shift();
    if (failure !== undefined) throw failure;
  };
  const deps: DeployWorld['deps'] = {
    ...world,
    origin: EVENT_ORIGIN,
    kinds: kindsWith(apply),
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
        { deploy: entry, deployer: deployerOf({ ...deps, ...others }.kinds, entry), event, signal },
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
  return { signal: stop.signal, deps: { kinds: kindsWith(apply) } };
}

/** The generations the deployer was run for, in order. */
export const generations = ({ applied }: DeployWorld): readonly number[] =>
  applied.map(({ revision }) => revision.generation);

/** A person that says something of the deploy `app`, and why. */
export const personWho =
  (reason: string) =>
  (world: DeployWorld, decision: DecideRequest['decision'], revision?: string): Promise<Ledger> =>
    decideDeploy(
      { ...ID, deploy: 'app', decision, revision, by: 'ada', reason },
      { store: world.store, clock: world.clock, origin: EVENT_ORIGIN },
    );
