import { systemClock } from '../shared/clock.ts';
import { LandfallError } from '../shared/errors.ts';
import type { SourceId } from '../shared/store/layout.ts';
import type { BucketStore } from './open-store.ts';

const REGION_IN_HOST = /^sqs\.([a-z0-9-]+)\.amazonaws\.com/;

/** @throws LandfallError USAGE */
function parseQueueUrl(text: string): URL {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.search === '') return url;
  throw new LandfallError('USAGE', `--queue ${JSON.stringify(text)} is not the URL of a queue`, {
    hint: 'It is among the outputs of the stack: aws cloudformation describe-stacks',
  });
}

/** Asks a deployed Landfall to look at a source now. @throws LandfallError USAGE, QUEUE_UNAVAILABLE */
export async function postToQueue(queueUrl: string, id: SourceId, store: BucketStore): Promise<void> {
  const { hostname } = parseQueueUrl(queueUrl);
  const region = REGION_IN_HOST.exec(hostname)?.[1] ?? store.region;
  const [{ createAwsClient }, { sqsQueue }] = await Promise.all([
    import('../shared/aws/aws-client.ts'),
    import('../shared/aws/sqs-queue.ts'),
  ]);
  const { credentials } = store;
  const client = createAwsClient({ region, credentials, clock: systemClock, env: process.env });
  await sqsQueue({ queueUrl, client, clock: systemClock }).enqueue([{ ...id, trigger: 'request' }]);
}
