import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '../../shared/oci/digest.ts';
import {
  isStoreKey,
  ledgerKey,
  parseLedgerKey,
  parseRecordKey,
  parseStatusKey,
  recordKey,
  siteKey,
  statusKey,
} from '../../shared/store/layout.ts';

const ID = { namespace: 'web', name: 'app' };
const ARTIFACT = { digest: digestOf('a'), variant: 'default' };

test('a key says what it is of, and another one does not', () => {
  assert.deepEqual(parseRecordKey(recordKey(ARTIFACT)), ARTIFACT);
  assert.deepEqual(parseStatusKey(statusKey(ID)), ID);
  assert.deepEqual(parseLedgerKey(ledgerKey('live', ID)), { deploy: 'live', ...ID });
  assert.deepEqual(parseLedgerKey(siteKey('live', ID)), { deploy: 'live', ...ID });
  const others = [
    ...['', 'sources/web/status.json', 'sources/web/app/x/status.json', 'xsources/web/app/status.json'],
    ...['artifacts/sha256/00/default/artifact.json', 'artifacts/md5/00/default/artifact.json'],
    ...[`x${recordKey(ARTIFACT)}`, `${recordKey(ARTIFACT)}x`, recordKey({ ...ARTIFACT, variant: 'a/b' })],
    ...['deploys/live/web.json', 'deploys/live/web/app/x.json', 'runs/live/web/app.json'],
  ];
  for (const key of others)
    assert.deepEqual(
      [parseRecordKey(key), parseStatusKey(key), parseLedgerKey(key)],
      [undefined, undefined, undefined],
      key,
    );
});

test('what a store has for itself is told from what people put beside it', () => {
  for (const key of [
    'landfall.json',
    statusKey(ID),
    recordKey(ARTIFACT),
    'config/documents/a.yaml',
    'locks/x',
  ])
    assert.equal(isStoreKey(key), true, key);
  for (const key of ['sources.yaml', 'a/landfall.json', 'x/sources/a', 'sourcesx/a', 'sources'])
    assert.equal(isStoreKey(key), false, key);
});
