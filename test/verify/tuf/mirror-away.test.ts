import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { FAILED_ASK_MS, TRUST_REFRESH_MS } from '../../../shared/limits.ts';
import { TRUST_PREFIX } from '../../../shared/store/layout.ts';
import { REFRESHED_EVERY_MS } from '../../../shared/verify/tuf/tuf-roots.ts';
import { HOUR_MS, OUR_ROOT, openTuf } from './tuf-scene.ts';

const DAY_MS = 24 * HOUR_MS;
const MINUTES_5 = HOUR_MS / 12;

test('a root that ran out verifies nothing where the mirror is silent or stands still, and looks go on', async (t) => {
  const { tuf, clock, start, inForce, verified } = await openTuf(t);
  tuf.publish(OUR_ROOT);
  await verified(start());
  clock.move(8 * 24 * HOUR_MS);
  const trust = start();
  const still = { code: 'TRUST_UNAVAILABLE', message: /ran out at 20\d\d-/ };
  await assert.rejects(verified(trust), still);
  tuf.files.set('timestamp.json', { status: 500 });
  await assert.rejects(verified(trust), still);
  tuf.requests.length = 0;
  await inForce(trust);
  assert.deepEqual(tuf.requests, []);
});

test('a mirror that failed is left alone for a while, as long as the root is good', async (t) => {
  const { tuf, clock, start, verified } = await openTuf(t);
  tuf.publish(OUR_ROOT);
  const trust = start();
  await verified(trust);
  tuf.files.set('timestamp.json', { status: 500 });
  clock.move(REFRESHED_EVERY_MS);
  await verified(trust);
  tuf.requests.length = 0;
  await verified(trust);
  assert.deepEqual(tuf.requests, []);
  clock.move(HOUR_MS);
  await verified(trust);
  assert.ok(tuf.requests.length > 0);
});

test('a mirror that failed is left alone for a minute where no root is kept, or the one that is ran out', async (t) => {
  const { tuf, clock, start, inForce, verified } = await openTuf(t);
  const trust = start();
  const gone = { code: 'TRUST_UNAVAILABLE', message: /answered 404/ } as const;
  await assert.rejects(inForce(trust), gone);
  tuf.publish(OUR_ROOT);
  tuf.requests.length = 0;
  clock.move(FAILED_ASK_MS - 1);
  for (const ask of [inForce, verified]) await assert.rejects(ask(trust), gone);
  assert.deepEqual(tuf.requests, []);
  clock.move(1);
  await verified(trust);
  clock.move(8 * 24 * HOUR_MS);
  await assert.rejects(verified(trust), { message: /ran out at/ });
  tuf.requests.length = 0;
  await inForce(trust);
  await assert.rejects(verified(trust), { message: /ran out at/ });
  assert.deepEqual(tuf.requests, []);
  clock.move(FAILED_ASK_MS);
  await assert.rejects(verified(trust), { message: /ran out at/ });
  assert.ok(tuf.requests.length > 0);
});

test('a refresh ends in time', async (t) => {
  const { tuf, start, verified } = await openTuf(t);
  tuf.files.set('timestamp.json', 'silent');
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const asked = verified(start());
  while (!tuf.requests.includes('timestamp.json')) await new Promise(setImmediate);
  mock.timers.tick(TRUST_REFRESH_MS);
  await assert.rejects(asked, { code: 'TRUST_UNAVAILABLE', message: /no complete answer within 10 s/ });
});

test('many that need a root at once ask for it once', async (t) => {
  const { tuf, start, verified } = await openTuf(t);
  tuf.publish(OUR_ROOT);
  const trust = start();
  await Promise.all(Array.from({ length: 10 }, () => verified(trust)));
  assert.equal(tuf.requests.filter((path) => path === 'timestamp.json').length, 1);
});

test('what is kept and cannot be read is had anew, once, and replaced', async (t) => {
  const { tuf, objects, clock, start, verified } = await openTuf(t);
  tuf.publish(OUR_ROOT);
  await verified(start());
  const spoil = async (): Promise<void> => {
    for await (const key of objects.list(TRUST_PREFIX)) {
      const { version } = (await objects.get(key)) ?? {};
      await objects.replace(key, Buffer.from('{}'), version);
    }
  };
  await spoil();
  tuf.requests.length = 0;
  const trust = start();
  assert.equal((await verified(trust)).signatures.length, 1);
  assert.ok(tuf.requests.includes('timestamp.json'));
  tuf.requests.length = 0;
  assert.equal((await verified(start())).signatures.length, 1);
  assert.deepEqual(tuf.requests, []);
  // One that has a root from before replaces it, too.
  await spoil();
  clock.move(REFRESHED_EVERY_MS);
  await verified(trust);
  tuf.requests.length = 0;
  await verified(start());
  assert.deepEqual(tuf.requests, []);
});

test('what replaced a root that could not be read is replaced in its turn, however soon', async (t) => {
  const { tuf, objects, clock, start, verified } = await openTuf(t);
  tuf.publish(OUR_ROOT, { expires: { timestamp: MINUTES_5 / DAY_MS } });
  await verified(start());
  for await (const key of objects.list(TRUST_PREFIX)) {
    const { version } = (await objects.get(key)) ?? {};
    await objects.replace(key, Buffer.from('{}'), version);
  }
  const trust = start();
  await verified(trust);
  clock.move(MINUTES_5);
  tuf.publish(OUR_ROOT, { versions: { timestamp: 2 } });
  await verified(trust);
  tuf.requests.length = 0;
  await verified(start());
  assert.deepEqual(tuf.requests, []);
});
