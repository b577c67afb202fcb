import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { FAILED_ASK_MS, REVOCATION_LIST_KEPT_MS } from '../../../shared/limits.ts';
import type { RevocationList } from '../../../shared/verify/revocation/revocation-list.ts';
import { readRevocationList } from '../../../shared/verify/revocation/revocation-lists.ts';
import { mintList, openLists } from './minted-list.ts';
import { AUTHORITY } from './revocation-scene.ts';

const NOW = Date.now();
const DAYS = 24 * 60;

async function open(t: TestContext) {
  const { url, answers, requests } = await openLists(t);
  const read = (check: (list: RevocationList) => void = () => {}, laterMs = 0) =>
    readRevocationList({ url: `${url}/a.crl`, local: true, env: {}, now: new Date(NOW + laterMs), check });
  return { answers, requests, read };
}

test('a kept list that does not count for another certificate does not hide the one that is there now', async (t) => {
  const { answers, requests, read } = await open(t);
  const [bad, good] = [mintList(AUTHORITY), mintList(AUTHORITY, { entries: [{ serial: 7 }] })];
  const check = (list: RevocationList): void => {
    if (list.entries.length === 0) throw new Error('it is of another issuer');
  };
  answers.set('/a.crl', bad);
  await read();
  await assert.rejects(read(check), { message: /another issuer/ });
  answers.set('/a.crl', good);
  assert.ok((await read(check)).entries.length > 0);
  assert.ok((await read(check)).entries.length > 0);
  assert.equal(requests.length, 3);
});

test('a list is read again after a day, however long it says that it is good', async (t) => {
  const { answers, requests, read } = await open(t);
  answers.set('/a.crl', mintList(AUTHORITY, { next: 30 * DAYS }));
  await read();
  await read(undefined, REVOCATION_LIST_KEPT_MS - 1);
  assert.equal(requests.length, 1);
  await read(undefined, REVOCATION_LIST_KEPT_MS);
  assert.equal(requests.length, 2);
});

test('a place that gave no list is left alone for a minute, and told the same of', async (t) => {
  const { answers, requests, read } = await open(t);
  for (const ms of [0, FAILED_ASK_MS - 1])
    await assert.rejects(read(undefined, ms), { message: /answered 404/ });
  answers.set('/a.crl', mintList(AUTHORITY));
  await assert.rejects(read(), { message: /answered 404/ });
  assert.equal(requests.length, 1);
  await read(undefined, FAILED_ASK_MS);
  assert.equal(requests.length, 2);
});

test('a look that was cancelled says nothing of the place', async (t) => {
  const { url, answers, requests } = await openLists(t);
  answers.set('/a.crl', 'silent');
  const going = new AbortController();
  const request = { url: `${url}/a.crl`, local: true, env: {}, now: new Date(NOW), check: () => {} };
  const asked = readRevocationList({ ...request, signal: going.signal });
  while (requests.length === 0) await new Promise(setImmediate);
  going.abort();
  await assert.rejects(asked, { code: 'CANCELLED' });
  answers.set('/a.crl', mintList(AUTHORITY));
  await readRevocationList(request);
});
