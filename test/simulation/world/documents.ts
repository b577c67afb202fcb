import type { DeployEntry } from '../../../shared/source/deploy-entry.ts';
import type { Source } from '../../../shared/source/source.ts';
import { sourceOf } from '../../support/stores/memory-sources.ts';
import { POLICY } from './secrets.ts';

export const INTERVAL_MS = 5 * 60_000;

const at = (namespace: string, name: string, registry: string): Partial<Source> => ({
  namespace,
  name,
  url: `oci://${registry}/${name}`,
  repository: { registry, repository: name },
  intervalMs: INTERVAL_MS,
});

/** A tag that moves, a range under a policy, a tag with a short history at another registry, and one that nobody deploys. */
export const SOURCES: readonly Source[] = [
  sourceOf({ ...at('web', 'site', 'r1.example'), ref: { tag: 'latest' } }),
  sourceOf({ ...at('web', 'app', 'r1.example'), ref: { semver: '>=1.0.0' }, verify: POLICY }),
  sourceOf({ ...at('ops', 'base', 'r2.example'), ref: { tag: 'stable' }, retain: { revisions: 2 } }),
  // Its history is named by its status alone: no ledger holds it.
  sourceOf({ ...at('ops', 'kept', 'r2.example'), ref: { tag: 'stable' } }),
];

const entry = (changes: Partial<DeployEntry> & Pick<DeployEntry, 'name'>): DeployEntry => ({
  kind: 'simulated',
  source: 'web/site',
  settings: {},
  timeoutMs: 30 * 60_000,
  prune: true,
  // What prunes on AWS has a role to do so as.
  role: { arn: 'arn:aws:iam::000000000000:role/simulated' },
  ...changes,
});

/** All waits, retries and ends that a document can ask for. */
export const ENTRIES: readonly DeployEntry[] = [
  entry({ name: 'data', intervalMs: INTERVAL_MS, drift: 'correct' }),
  entry({
    name: 'gate',
    approval: 'required',
    windows: [{ is: 'deny', cron: '0 * * * *', timeZone: 'UTC', forMs: 20 * 60_000 }],
    rollback: 'onFailure',
  }),
  entry({ name: 'next', dependsOn: ['data'], tries: 3 }),
  entry({ name: 'safe', source: 'web/app', verify: 'required', rollback: 'onFailure' }),
  entry({ name: 'base', source: 'ops/base', tries: 2 }),
];
