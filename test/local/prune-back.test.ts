import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod/mini';
import { PruneDeploys } from '../../local/deploys/prune-deploys.ts';
import { deploy } from '../../shared/deploy/deploy.ts';
import { kindsOf } from '../../shared/deploy/kinds/deploy-kinds.ts';
import { defineDeploy } from '../../shared/deploy/kit/define-deploy.ts';
import { deployerOf } from '../../shared/deploy/visit/deployer.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';
import { entryOf, openDeployWorld } from '../deploy/deploy-world.ts';
import { ID } from '../support/stores/memory-sources.ts';

const STATUS = 'sources/web/site/status.json';

// The simulator's seed 891: a store that took six minutes to answer, and a deploy that was back in its document since.
test('a deploy that is back while its removal waits for the store is not taken away', async () => {
  const world = openDeployWorld();
  const calls: string[] = [];
  const kind = defineDeploy({
    kind: 'removable',
    settings: z.object({}),
    plan: async () => ({ changes: [], summary: '' }),
    step: async () => ({ state: 'succeeded' }),
    remove: async () => {
      calls.push('remove');
      return { state: 'succeeded' };
    },
  });
  const kinds = kindsOf([kind]);
  const entry: DeployEntry = { ...entryOf({}), kind: 'removable', settings: {}, prune: true };
  const { signal } = new AbortController();
  const event = await world.land({ 'a.txt': '1' });
  await deploy({ deploy: entry, deployer: deployerOf(kinds, entry), event, signal }, world.deps);

  let entries: readonly DeployEntry[] = [];
  let isSlow = true;
  const { objects } = world.store;
  const slow: typeof objects = {
    ...objects,
    get: async (key, options) => {
      if (isSlow && key === STATUS) entries = [entry];
      return objects.get(key, options);
    },
  };
  const pruning = new PruneDeploys({
    ...world.deps,
    store: { ...world.store, objects: slow },
    kinds,
    bucket: '/store',
    entries: () => entries,
    signal,
    log: () => undefined,
  });
  await pruning.enqueue({ ...ID, deploy: entry.name });
  await pruning.idle();
  assert.deepEqual(calls, []);

  [entries, isSlow] = [[], false];
  await pruning.enqueue({ ...ID, deploy: entry.name });
  await pruning.idle();
  assert.deepEqual(calls, ['remove'], 'and is when it is in none');
});
