import { type Received, receive, receiverTable } from '../../../functions/receive.ts';
import { sourceMatcher } from '../../../shared/trigger/match-sources.ts';
import { openReceiver } from '../../../shared/trigger/receivers/open-receiver.ts';
import type { WebhookWithBody } from '../../../shared/trigger/webhook.ts';
import { MemoryQueue, noKeys, SECRET, stoppedClock, watched } from '../receivers/samples.ts';
import { REPOSITORY, type SenderFixture } from './fixture.ts';

export const open = ({ entry, deps }: SenderFixture) =>
  openReceiver(entry, { secret: SECRET, clock: stoppedClock, keys: noKeys, ...deps });

const bytesOf = (body: unknown): Uint8Array =>
  body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));

/** A body as the sender sends it, authentic. */
export function requestOf(
  fixture: SenderFixture,
  { body, headers }: { readonly body: unknown; readonly headers?: WebhookWithBody['headers'] },
  secret: string = SECRET,
): WebhookWithBody {
  const sent = bytesOf(body);
  const json = { 'content-type': 'application/json' };
  return {
    method: 'POST',
    path: open(fixture).path,
    headers: { ...json, ...fixture.sign?.(sent, secret), ...headers },
    body: sent,
  };
}

/** What comes of a request where one source watches every tag of the repository that the fixtures push to. */
export async function deliver(fixture: SenderFixture, request: WebhookWithBody) {
  const queue = new MemoryQueue();
  const told: Received[] = [];
  const answer = await receive(request, {
    receivers: receiverTable({ receivers: [open(fixture)], closed: [] }),
    sources: sourceMatcher([watched('app', `${fixture.entry.registry}/${REPOSITORY}`, { semver: '*' })]),
    queue,
    onReceived: (one) => told.push(one),
  });
  return {
    answer,
    status: answer.status,
    looks: queue.messages.length,
    code: told[0]?.code,
    why: told[0]?.why,
    seen: told[0]?.seen,
  };
}
