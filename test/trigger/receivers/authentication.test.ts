import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLandfallError } from '../../../shared/errors.ts';
import { WEBHOOK_TOLERANCE_MS } from '../../../shared/limits.ts';
import { openReceiver, receiverPath } from '../../../shared/trigger/receivers/open-receiver.ts';
import type { WebhookWithBody } from '../../../shared/trigger/webhook.ts';
import { answerTo, bytes, distribution, entries, generic, push, withHeaders } from '../requests.ts';
import { NOW, noKeys, SECRET, stoppedClock } from './samples.ts';

const good = generic({ repository: 'team/app' });
const signature = String(good.headers['webhook-signature']);
const forged: readonly { name: string; request: WebhookWithBody }[] = [
  { name: 'no authorization', request: distribution(push, { authorization: undefined }) },
  { name: 'an empty bearer', request: distribution(push, { authorization: 'Bearer ' }) },
  { name: 'another bearer', request: distribution(push, { authorization: 'Bearer wrong' }) },
  {
    name: 'the bearer with one character more',
    request: distribution(push, { authorization: `Bearer ${SECRET}x` }),
  },
  {
    name: 'the bearer with one less',
    request: distribution(push, { authorization: `Bearer ${SECRET.slice(0, -1)}` }),
  },
  { name: 'Basic', request: distribution(push, { authorization: `Basic ${SECRET}` }) },
  { name: 'the bare secret', request: distribution(push, { authorization: SECRET }) },
  {
    name: 'two authorizations',
    request: distribution(push, { authorization: [`Bearer ${SECRET}`, 'Bearer x'] }),
  },
  { name: 'another key', request: generic({ repository: 'team/app' }, { secret: 'wrong' }) },
  { name: 'a changed body', request: { ...good, body: bytes({ repository: 'team/apq' }) } },
  { name: 'one byte more', request: { ...good, body: Buffer.concat([good.body, Buffer.from(' ')]) } },
  { name: 'another id', request: withHeaders(good, { 'webhook-id': 'msg_2' }) },
  { name: 'another timestamp', request: withHeaders(good, { 'webhook-timestamp': String(NOW / 1000 + 1) }) },
  { name: 'no id', request: withHeaders(good, { 'webhook-id': undefined }) },
  { name: 'no timestamp', request: withHeaders(good, { 'webhook-timestamp': undefined }) },
  { name: 'a timestamp in words', request: withHeaders(good, { 'webhook-timestamp': 'now' }) },
  { name: 'no signature', request: withHeaders(good, { 'webhook-signature': undefined }) },
  { name: 'an empty signature', request: withHeaders(good, { 'webhook-signature': '' }) },
  { name: 'v1 of nothing', request: withHeaders(good, { 'webhook-signature': 'v1,' }) },
  {
    name: 'another version',
    request: withHeaders(good, { 'webhook-signature': signature.replace('v1,', 'v1a,') }),
  },
  { name: 'no version', request: withHeaders(good, { 'webhook-signature': signature.slice(3) }) },
  {
    name: 'two signature headers',
    request: withHeaders(good, { 'webhook-signature': [signature, signature] }),
  },
  {
    name: 'a signature in hex',
    request: withHeaders(good, {
      'webhook-signature': `v1,${Buffer.from(signature.slice(3), 'base64').toString('hex')}`,
    }),
  },
  {
    name: 'a timestamp too old',
    request: generic({ repository: 'team/app' }, { at: NOW - WEBHOOK_TOLERANCE_MS - 1000 }),
  },
  {
    name: 'a timestamp too new',
    request: generic({ repository: 'team/app' }, { at: NOW + WEBHOOK_TOLERANCE_MS + 1000 }),
  },
  {
    name: 'inherited headers',
    request: { ...good, headers: Object.create(good.headers) as WebhookWithBody['headers'] },
  },
];
for (const { name, request } of forged) {
  test(`${name}: 401, and nothing is parsed or enqueued`, async () => {
    const { status, names, told } = await answerTo(request);
    assert.deepEqual({ status, names }, { status: 401, names: [] });
    assert.equal(told[0]?.code, 'WEBHOOK_UNAUTHENTICATED');
  });
}

const authentic: readonly { name: string; request: WebhookWithBody }[] = [
  { name: 'a bearer in another case', request: distribution(push, { authorization: `bearer ${SECRET}` }) },
  {
    name: 'the oldest timestamp',
    request: generic({ repository: 'team/app' }, { at: NOW - WEBHOOK_TOLERANCE_MS }),
  },
  {
    name: 'the newest timestamp',
    request: generic({ repository: 'team/app' }, { at: NOW + WEBHOOK_TOLERANCE_MS }),
  },
  {
    name: 'several signatures, while a key changes',
    request: withHeaders(good, { 'webhook-signature': `v1,AAAA v1a,BBBB ${signature}` }),
  },
];
for (const { name, request } of authentic) {
  test(`${name} is authentic`, async () => assert.equal((await answerTo(request)).status, 202));
}

test('a key in the form of Standard Webhooks is decoded: its own example verifies', async () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const clock = { ...stoppedClock, now: () => 1_614_265_330_000 };
  const receiver = openReceiver(entries.generic, { secret, clock, keys: noKeys });
  const headers = {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  };
  const request = { method: 'POST', path: receiver.path, headers, body: bytes('{"test": 2432232314}') };
  assert.equal(receiver.authenticate(request), true);
  assert.equal(receiver.authenticate({ ...request, body: bytes('{"test": 2432232315}') }), false);
});

for (const secret of ['', 'whsec_', 'whsec_!!!', 'whsec_=']) {
  test(`the secret ${JSON.stringify(secret)} is refused: anybody would have it`, () => {
    const isInvalid = (error: unknown): boolean => isLandfallError(error) && error.code === 'CONFIG_INVALID';
    assert.throws(
      () => openReceiver(entries.generic, { secret, clock: stoppedClock, keys: noKeys }),
      isInvalid,
    );
  });
}

test('the path tells nothing of the secret, and differs by secret, name and type', () => {
  const paths = [
    receiverPath(entries.generic, SECRET),
    receiverPath(entries.generic, `${SECRET}2`),
    receiverPath({ ...entries.generic, name: 'ci2' }, SECRET),
    receiverPath({ ...entries.generic, type: 'distribution' }, SECRET),
  ];
  assert.equal(new Set(paths).size, paths.length);
  for (const path of paths) assert.match(path, /^\/receivers\/[0-9a-f]{64}$/);
  assert.equal(receiverPath(entries.generic, SECRET), paths[0]);
});
