import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatCompiled } from '../../shared/aws/configuration/compiled.ts';
import {
  CONFIGURATION_TTL_MS,
  TRIGGERS_VERSION,
  triggersReader,
} from '../../shared/aws/configuration/triggers-in-force.ts';
import { LandfallError } from '../../shared/errors.ts';
import { SleepingClock } from '../support/aws-server/aws-client-for.ts';

const TRIGGERS = formatCompiled({ formatVersion: TRIGGERS_VERSION, sources: [], receivers: [] });

function open() {
  const clock = new SleepingClock();
  const bucket = { asked: 0, content: undefined as Uint8Array | undefined, isDown: false };
  const read = triggersReader({
    clock,
    reader: {
      getIfChanged: async (_, known) => {
        bucket.asked += 1;
        if (bucket.isDown) throw new LandfallError('STORE_UNAVAILABLE', 'down');
        if (bucket.content === undefined) return undefined;
        return known === '"1"' ? 'unchanged' : { bytes: bucket.content, version: '"1"' };
      },
    },
  });
  const webhooks = async () => {
    for (let webhook = 0; webhook < 20; webhook++) await read();
    return read();
  };
  return { clock, bucket, webhooks, read };
}

test('webhooks of strangers do not become reads of the bucket: not where it is as it was', async () => {
  const { bucket, webhooks, clock } = open();
  bucket.content = TRIGGERS;
  assert.deepEqual((await webhooks())?.triggers.receivers, []);
  assert.equal(bucket.asked, 1);
  clock.advance(CONFIGURATION_TTL_MS);
  await webhooks();
  assert.equal(bucket.asked, 2);
});

test('not before there is anything in it, which is seen when it comes', async () => {
  const { bucket, webhooks, clock } = open();
  assert.equal(await webhooks(), undefined);
  assert.equal(bucket.asked, 1);
  bucket.content = TRIGGERS;
  clock.advance(CONFIGURATION_TTL_MS);
  assert.notEqual(await webhooks(), undefined);
});

test('and not while it cannot be read: what was known last goes on', async () => {
  const { bucket, webhooks, clock } = open();
  bucket.content = TRIGGERS;
  const known = await webhooks();
  bucket.isDown = true;
  clock.advance(CONFIGURATION_TTL_MS);
  assert.equal(await webhooks(), known);
  assert.equal(bucket.asked, 2);
});

test('where nothing was ever known, a bucket that cannot be read is told as what it is', async () => {
  const { bucket, read } = open();
  bucket.isDown = true;
  await assert.rejects(read(), { code: 'STORE_UNAVAILABLE' });
});
