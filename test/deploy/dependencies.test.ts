import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unmetDependency } from '../../shared/deploy/dependencies.ts';
import { newLedger } from '../../shared/deploy/ledger/ledger.ts';
import { formatDocument } from '../../shared/store/document.ts';
import { ledgerKey, statusKey } from '../../shared/store/layout.ts';
import { openMemoryStore } from '../../shared/store/memory/memory-store.ts';
import { revisionOf, SOURCE, statusOf } from '../store/support/sample.ts';

const DATABASE = { namespace: 'data', name: 'base' };
const dependent = { dependsOn: ['migrate'], source: SOURCE, generation: 1, uses: [] };

/** A deploy `migrate` of another source, which is at a generation and has applied one. */
async function migrated(current: number, applied: number | undefined) {
  const store = openMemoryStore();
  const { objects } = store;
  const status = statusOf({ ...DATABASE, current: revisionOf('now', current), generation: current });
  await objects.putIfAbsent(statusKey(DATABASE), formatDocument(status));
  const ledger = newLedger({ deploy: 'migrate', ...DATABASE });
  const { revision, digest, variant, contentDigest } = revisionOf('then', 1);
  const at = '2026-11-30T00:00:00.000Z';
  const had = applied && { generation: applied, revision, digest, variant, contentDigest, at };
  await objects.putIfAbsent(
    ledgerKey('migrate', DATABASE),
    formatDocument({ ...ledger, ...(had && { applied: had }) }),
  );
  return { store };
}

const CASES: readonly (readonly [
  what: string,
  current: number,
  applied: number | undefined,
  wanted: RegExp | undefined,
])[] = [
  ['has applied what is current', 2, 2, undefined],
  ['has applied less', 2, 1, /^for migrate of data\/base, which has not applied generation 2$/],
  ['has applied nothing', 2, undefined, /has not applied generation 2$/],
];
for (const [what, current, applied, wanted] of CASES)
  test(`who depends on a deploy of another source waits for it ${wanted ? 'where it' : 'no more once it'} ${what}`, async () => {
    const unmet = await unmetDependency(dependent, await migrated(current, applied), {});
    if (wanted === undefined) assert.equal(unmet, undefined);
    else assert.match(unmet ?? '', wanted);
  });

test('who depends on a deploy that has run nowhere waits for it', async () => {
  const unmet = await unmetDependency(dependent, { store: openMemoryStore() }, {});
  assert.equal(unmet, 'for migrate, which has not run yet');
});

test('who depends on several waits for each', async () => {
  const deps = await migrated(2, 2);
  const unmet = await unmetDependency({ ...dependent, dependsOn: ['migrate', 'seed'] }, deps, {});
  assert.equal(unmet, 'for seed, which has not run yet');
});
