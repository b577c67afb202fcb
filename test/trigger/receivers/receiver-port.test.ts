import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Received, receive, receiverTable } from '../../../functions/receive.ts';
import { LandfallError } from '../../../shared/errors.ts';
import type { OpenReceiver } from '../../../shared/trigger/receivers/open-receiver.ts';
import type { WebhookWithBody } from '../../../shared/trigger/webhook.ts';
import { entries, sources } from '../requests.ts';
import { MemoryQueue, REGISTRY } from './samples.ts';

const request: WebhookWithBody = { method: 'POST', path: '/receivers/x', headers: {}, body: Buffer.from('') };

/** What a receiver of this behaviour makes of a request. */
async function answerOf(over: Partial<OpenReceiver>, sent: Partial<WebhookWithBody> = {}) {
  const receiver: OpenReceiver = {
    entry: entries.generic,
    path: request.path,
    registries: [REGISTRY],
    serves: () => true,
    authenticate: () => true,
    parse: () => [{ repository: 'team/app', tag: 'stable' }],
    ...over,
  };
  const queue = new MemoryQueue();
  const told: Received[] = [];
  const deps = { receivers: receiverTable({ receivers: [receiver], closed: [] }), sources, queue };
  const answer = await receive({ ...request, ...sent }, { ...deps, onReceived: (one) => told.push(one) });
  return { answer, enqueued: queue.messages.length, code: told[0]?.code };
}

const HANDSHAKE = { status: 200, body: '{"validationResponse":"x"}' };
const unavailable = new LandfallError('REGISTRY_UNREACHABLE', 'the issuer of the tokens does not answer');

const cases: readonly {
  readonly name: string;
  readonly over: Partial<OpenReceiver>;
  readonly sent?: Partial<WebhookWithBody>;
  readonly want: { readonly status: number; readonly enqueued: number; readonly code?: string };
}[] = [
  {
    name: 'a promise of true is authentic',
    over: { authenticate: async () => true },
    want: { status: 202, enqueued: 2 },
  },
  {
    name: 'a promise of false is not',
    over: { authenticate: async () => false },
    want: { status: 401, enqueued: 0, code: 'WEBHOOK_UNAUTHENTICATED' },
  },
  {
    name: 'what cannot be said now is to be sent again',
    over: { authenticate: () => Promise.reject(unavailable) },
    want: { status: 503, enqueued: 0, code: 'REGISTRY_UNREACHABLE' },
  },
  {
    name: 'a handshake gets its answer, and is not parsed',
    over: { answer: () => HANDSHAKE },
    want: { status: 200, enqueued: 0 },
  },
  {
    name: 'a handshake of a stranger gets none',
    over: { answer: () => HANDSHAKE, authenticate: () => false },
    want: { status: 401, enqueued: 0, code: 'WEBHOOK_UNAUTHENTICATED' },
  },
  {
    name: 'another method is let through where the receiver has it',
    over: { methods: ['POST', 'OPTIONS'], answer: () => HANDSHAKE },
    sent: { method: 'OPTIONS' },
    want: { status: 200, enqueued: 0 },
  },
  {
    name: 'and is never taken for a push',
    over: { methods: ['POST', 'OPTIONS'], answer: () => undefined },
    sent: { method: 'OPTIONS' },
    want: { status: 404, enqueued: 0 },
  },
  {
    name: 'another method is not found where it has not',
    over: { answer: () => HANDSHAKE },
    sent: { method: 'OPTIONS' },
    want: { status: 404, enqueued: 0 },
  },
];
for (const { name, over, sent, want } of cases) {
  test(`${name}: ${want.status}`, async () => {
    const { answer, enqueued, code } = await answerOf(over, sent);
    assert.deepEqual({ status: answer.status, enqueued, ...(code !== undefined && { code }) }, want);
  });
}
