import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { unmetDependency } from '../../../shared/deploy/dependencies.ts';
import { type Ledger, newLedger } from '../../../shared/deploy/ledger/ledger.ts';
import { digestOf } from '../../../shared/oci/digest.ts';
import { formatDocument } from '../../../shared/store/document.ts';
import { ledgerKey, statusKey } from '../../../shared/store/layout.ts';
import { openMemoryStore } from '../../../shared/store/memory/memory-store.ts';
import { revisionOf, SOURCE, statusOf } from '../../store/support/sample.ts';
import { appliedOf, failureOf, ledgerWith, runAt } from '../ledger/ledger-facts.ts';

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

describe('who depends on a deploy of its own source waits for it', () => {
  const digest = digestOf('b');
  const used = { source: 'web/image', revision: `2@${digest}`, tag: '2', digest, variant: 'default' };
  const older = { ...used, digest: digestOf('a') };
  const uses = [{ ...used, source: 'web/other' }, used];
  const failure = failureOf(2, { code: 'DEPLOY_UNAVAILABLE' });
  const cases: readonly (readonly [string, Partial<Ledger>, RegExp | undefined])[] = [
    ['until it has applied the generation', { applied: appliedOf(1) }, /has not applied generation 2$/],
    ['and no more once it has', { applied: appliedOf(2) }, undefined],
    ['nor where it has a newer one', { applied: appliedOf(3) }, undefined],
    ['while it fails', { applied: appliedOf(2), failure }, /which fails: DEPLOY_UNAVAILABLE$/],
    ['while it is under way', { applied: appliedOf(2), run: runAt(2, 'look') }, /which is under way$/],
    [
      'while it has an older one of what both use',
      { applied: { ...appliedOf(2), uses: [older] } },
      /which has not applied 2@\S+ of web\/image$/,
    ],
    ['and no more once it has the same', { applied: { ...appliedOf(2), uses: [used] } }, undefined],
  ];
  for (const [what, ledger, wanted] of cases)
    test(what, async () => {
      const store = openMemoryStore();
      const own = { ...ledgerWith(ledger), deploy: 'migrate', ...SOURCE };
      await store.objects.putIfAbsent(ledgerKey('migrate', SOURCE), formatDocument(own));
      const unmet = await unmetDependency({ ...dependent, generation: 2, uses }, { store }, {});
      if (wanted === undefined) assert.equal(unmet, undefined);
      else assert.match(unmet ?? '', wanted);
    });

  test('where the documents have it and it has not run, whatever it did for others', async () => {
    const { store } = await migrated(2, 2);
    const isFor = (deploy: string): boolean => deploy === 'migrate';
    const unmet = await unmetDependency(dependent, { store, isFor }, {});
    assert.match(unmet ?? '', /^for migrate of \S+, which has not run yet$/);
    assert.equal(await unmetDependency(dependent, { store, isFor: () => false }, {}), undefined);
  });
});
