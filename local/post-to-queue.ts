import type { SdkAccess } from '../shared/aws/sdk/call.ts';
import { systemClock } from '../shared/clock.ts';
import { LandfallError } from '../shared/errors.ts';
import type { CallOptions } from '../shared/kernel/call-options.ts';
import type { EventEnvelope } from '../shared/model/envelope.ts';
import type { SourceId } from '../shared/model/ids.ts';
import type { BucketStore } from './store/open-store.ts';

const REGION_IN_HOST = /^sqs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;

/** @throws LandfallError USAGE, which repeats nothing: there may be a password in it */
function parseQueueUrl(text: string): URL {
  const url = URL.parse(text);
  const isPlain = url !== null && url.username + url.password === '' && url.search === '';
  if (isPlain && /^https?:$/.test(url.protocol)) return url;
  throw new LandfallError('USAGE', '--queue is not the URL of a queue, without user and query', {
    hint: 'It is among the outputs of the stack: aws cloudformation describe-stacks',
  });
}

/** As whom a queue is called, and where: its URL says which region it is in. */
function accessTo(
  queueUrl: string,
  { region, credentials }: BucketStore,
): SdkAccess & { readonly region: string } {
  const { hostname } = parseQueueUrl(queueUrl);
  return { region: REGION_IN_HOST.exec(hostname)?.[1] ?? region, credentials, clock: systemClock };
}

/** Asks a deployed Landfall to reconcile a source now. @throws LandfallError USAGE, QUEUE_UNAVAILABLE */
export async function postToQueue(
  queueUrl: string,
  id: SourceId,
  store: BucketStore,
  options?: CallOptions,
): Promise<void> {
  const access = accessTo(queueUrl, store);
  const [{ createJsonClient }, { sqsQueue }] = await Promise.all([
    import('../shared/aws/request/json.ts'),
    import('../shared/aws/messages/sqs-queue.ts'),
  ]);
  const client = createJsonClient({ ...access, credentials: store.credentials, env: process.env });
  const queue = sqsQueue({ queueUrl, client, clock: systemClock });
  await queue.enqueue([{ ...id, trigger: 'request' }], options);
}

/** Puts an event before one consumer alone, as the rule of its queue would. @throws LandfallError USAGE, QUEUE_UNAVAILABLE */
export async function postEvent(
  queueUrl: string,
  event: EventEnvelope,
  store: BucketStore,
  options?: CallOptions,
): Promise<void> {
  const access = accessTo(queueUrl, store);
  const { sendEvent } = await import('../shared/aws/messages/event-queue.ts');
  await sendEvent({ queueUrl, event }, access, options);
}
