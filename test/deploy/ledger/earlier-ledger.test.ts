import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLedger } from '../../../shared/deploy/ledger/ledger.ts';
import { appliedOf, failureOf, ledgerWith, runAt } from './ledger-facts.ts';

const KEY = 'deploys/app/web/site.json';

const read = (document: object) => parseLedger(KEY, Buffer.from(JSON.stringify(document)));

const without = (from: object, ...keys: readonly string[]): object =>
  Object.fromEntries(Object.entries(from).filter(([key]) => !keys.includes(key)));

test('a ledger is read as it was written', () => {
  const ledger = ledgerWith({ applied: appliedOf(1), run: runAt(2, 'look'), failure: failureOf(2) });
  assert.deepEqual(read(ledger), ledger);
});

test('a ledger that says no more than it had to says that nothing of the rest was', () => {
  const { formatVersion, deploy, namespace, name } = ledgerWith({});
  const least = { formatVersion, deploy, namespace, name, applied: null, failure: null, outbox: [] };
  assert.deepEqual(read(least), ledgerWith({}));
});

test('a run, and a failure, that say no more than they had to were looked at well, ask nobody and took nothing back', () => {
  const run = runAt(2, 'look');
  const keys = ['progress', 'message', 'waitsFor', 'asks', 'answer', 'lookAt', 'misses', 'failure', 'token'];
  const failure = failureOf(2);
  const earlier = {
    ...ledgerWith({}),
    run: without(run, ...keys),
    failure: without(failure, 'hint', 'next', 'spec', 'isRolledBack'),
  };
  assert.deepEqual(read(earlier), ledgerWith({ run, failure }));
});

for (const [what, changes] of [
  ['a generation of none', { applied: { ...appliedOf(1), generation: 0 } }],
  ['a try of none', { run: { ...runAt(1, 'look'), attempt: 0 } }],
  ['misses below none', { run: { ...runAt(1, 'look'), misses: -1 } }],
  ['another format', { formatVersion: 2 }],
  ['a phase of tomorrow', { run: { ...runAt(1, 'look'), phase: 'flies' } }],
] as const)
  test(`a ledger with ${what} is told as none`, () => {
    assert.throws(() => read({ ...ledgerWith({}), ...changes }), { code: /^STORE_(CORRUPT|VERSION)$/ });
  });
