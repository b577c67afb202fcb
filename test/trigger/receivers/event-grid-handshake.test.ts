import assert from 'node:assert/strict';
import { test } from 'node:test';
import { receive, receiverTable } from '../../../functions/receive.ts';
import { sourceMatcher } from '../../../shared/trigger/match-sources.ts';
import type { WebhookWithBody } from '../../../shared/trigger/webhook.ts';
import { acrEventGrid } from '../senders/acr.ts';
import { open } from '../senders/deliver.ts';
import { REPOSITORY } from '../senders/fixture.ts';
import { MemoryQueue, watched } from './samples.ts';

const receiver = open(acrEventGrid);
const CODE = '512d38b6-c7b8-40c8-89fe-f46f9e9622b6';
const VALIDATION = { 'aeg-event-type': 'SubscriptionValidation', 'content-type': 'application/json' };
const validation = (data: unknown, eventType = 'Microsoft.EventGrid.SubscriptionValidationEvent') => [
  {
    id: '2d17',
    topic: '/subscriptions/0',
    subject: '',
    eventType,
    eventTime: '2026-11-21T08:00:00Z',
    data,
    dataVersion: '2',
  },
];

async function answerTo(request: Partial<WebhookWithBody>) {
  const queue = new MemoryQueue();
  const answer = await receive(
    { method: 'POST', path: receiver.path, headers: {}, body: Buffer.from(''), ...request },
    {
      receivers: receiverTable({ receivers: [receiver], closed: [] }),
      sources: sourceMatcher([watched('app', `own.azurecr.io/${REPOSITORY}`, { semver: '*' })]),
      queue,
    },
  );
  return { ...answer, looks: queue.messages.length };
}

const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

test('the validation of a subscription gets its code back, and its URL is not called', async () => {
  const data = { validationCode: CODE, validationUrl: 'http://169.254.169.254/latest' };
  const answer = await answerTo({ headers: VALIDATION, body: json(validation(data)) });
  assert.deepEqual(answer, {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ validationResponse: CODE }),
    looks: 0,
  });
});

const push = { action: 'push', target: { repository: REPOSITORY, tag: '1.0.0' } };
const noValidations: readonly (readonly [name: string, body: Uint8Array])[] = [
  ['no code', json(validation({}))],
  ['a code of two lines', json(validation({ validationCode: 'a\r\nb' }))],
  ['a huge code', json(validation({ validationCode: 'x'.repeat(513) }))],
  ['a code that is a number', json(validation({ validationCode: 5 }))],
  ['no events', json([])],
  ['no JSON', Buffer.from('x')],
  ['a push', json(validation(push, 'Microsoft.ContainerRegistry.ImagePushed'))],
];
for (const [name, body] of noValidations) {
  test(`a validation that is ${name}: 202, nothing said back, and no look`, async () => {
    const { status, body: said, looks } = await answerTo({ headers: VALIDATION, body });
    assert.deepEqual({ status, said, looks }, { status: 202, said: 'accepted\n', looks: 0 });
  });
}

test('OPTIONS with an origin allows it, as CloudEvents want before they send', async () => {
  const headers = { 'webhook-request-origin': 'eventgrid.azure.net', 'webhook-request-rate': '120' };
  const { status, headers: said } = await answerTo({ method: 'OPTIONS', headers });
  assert.equal(status, 200);
  assert.equal(said?.['webhook-allowed-origin'], 'eventgrid.azure.net');
  assert.equal(said['webhook-allowed-rate'], '*');
});

for (const origin of [undefined, '', '*', 'a b', 'a\r\nset-cookie: x', 'x'.repeat(256), ['a', 'b']]) {
  test(`OPTIONS with the origin ${JSON.stringify(origin)?.slice(0, 30)}: 404`, async () => {
    const { status } = await answerTo({ method: 'OPTIONS', headers: { 'webhook-request-origin': origin } });
    assert.equal(status, 404);
  });
}

test('OPTIONS of a path nobody has: 404', async () => {
  const headers = { 'webhook-request-origin': 'eventgrid.azure.net' };
  assert.equal((await answerTo({ method: 'OPTIONS', path: '/receivers/0', headers })).status, 404);
});
