import { type Received, receive, receiverTable } from '../../functions/receive.ts';
import { sourceMatcher } from '../../shared/trigger/match-sources.ts';
import { signedHeaders } from '../../shared/trigger/receivers/auth/standard-webhook.ts';
import { openReceiver, receiverPath } from '../../shared/trigger/receivers/open-receiver.ts';
import type { WebhookWithBody } from '../../shared/trigger/webhook.ts';
import {
  MemoryQueue,
  NOW,
  noKeys,
  pushEvent,
  REGISTRY,
  SECRET,
  stoppedClock,
  watched,
} from './receivers/samples.ts';

export const entries = {
  distribution: { name: 'main', type: 'distribution', registry: REGISTRY },
  generic: { name: 'ci', type: 'generic', registry: REGISTRY },
} as const;
export const receivers = receiverTable({
  receivers: Object.values(entries).map((entry) =>
    openReceiver(entry, { secret: SECRET, clock: stoppedClock, keys: noKeys }),
  ),
  closed: [],
});
export const sources = sourceMatcher([
  watched('app', `${REGISTRY}/team/app`, { semver: '*' }),
  watched('stable', `${REGISTRY}/team/app`, { tag: 'stable' }),
]);

export const bytes = (value: unknown): Uint8Array =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

export const distribution = (body: unknown, headers: WebhookWithBody['headers'] = {}): WebhookWithBody => ({
  method: 'POST',
  path: receiverPath(entries.distribution, SECRET),
  headers: {
    authorization: `Bearer ${SECRET}`,
    'content-type': 'application/vnd.docker.distribution.events.v2+json',
    ...headers,
  },
  body: bytes(body),
});

export function generic(
  body: unknown,
  over: { id?: string; at?: number; secret?: string } = {},
): WebhookWithBody {
  const delivery = { id: over.id ?? 'msg_1', timestamp: (over.at ?? NOW) / 1000, body: bytes(body) };
  return {
    method: 'POST',
    path: receiverPath(entries.generic, SECRET),
    headers: { 'content-type': 'application/json', ...signedHeaders(delivery, over.secret ?? SECRET) },
    body: delivery.body,
  };
}

export const withHeaders = (
  request: WebhookWithBody,
  headers: WebhookWithBody['headers'],
): WebhookWithBody => ({
  ...request,
  headers: { ...request.headers, ...headers },
});

export async function answerTo(request: WebhookWithBody) {
  const queue = new MemoryQueue();
  const told: Received[] = [];
  const answer = await receive(request, { receivers, sources, queue, onReceived: (one) => told.push(one) });
  return { status: answer.status, answer, names: queue.names, messages: queue.messages, told };
}

export const push = { events: [pushEvent()] };
