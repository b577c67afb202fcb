import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindDeploy } from '../../../functions/lambda/kind-handler.ts';
import { deployStore } from '../../../shared/aws/s3/store/deploy-store.ts';
import { s3For } from '../support/s3.ts';

const ENTRY = { name: 'shop', kind: 'stack', source: 'web/site', timeoutMs: 60_000, settings: {} };
const told = (rest: object): string =>
  JSON.stringify({
    ...{ name: 'shop', stack: 'Landfall', source: { namespace: 'web', name: 'site' }, entry: ENTRY },
    ...rest,
  });

for (const [what, rest, asked] of [
  [
    'knows what deploys it depends on are for',
    { dependencies: [{ name: 'net', source: 'web/*' }] },
    [true, false, false],
  ],
  ['that depends on none, or was built before that was told, knows of none', {}, undefined],
] as const)
  test(`a function of a deploy ${what}`, async (t) => {
    const { root } = await s3For(t);
    const { readSettings, ports } = kindDeploy({});
    const settings = readSettings({ LANDFALL_DEPLOY: told(rest) });
    const deploys = deployStore({ store: root, books: root });
    const region = 'eu-central-1';
    const runtime = { settings, store: root, deploys, rootAt: () => root, region, log: () => undefined };
    const { isFor } = ports?.(runtime) ?? {};
    assert.deepEqual(
      isFor && [
        isFor('net', { namespace: 'web', name: 'site' }),
        isFor('net', { namespace: 'other', name: 'site' }),
        isFor('api', { namespace: 'web', name: 'site' }),
      ],
      asked,
    );
  });
