import { env } from 'node:process';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { EMPTY_COMPILED, notifyOf, sourcesOf } from '../../shared/aws/configuration/compiled.ts';
import { configurationReader } from '../../shared/aws/configuration/configuration-in-force.ts';
import { documentSecrets } from '../../shared/aws/credentials/document-secrets.ts';
import { cloudSecrets } from '../../shared/aws/credentials/secrets.ts';
import { functionEnvironment } from '../../shared/aws/function-environment.ts';
import { receivedMessages } from '../../shared/aws/messages/received-messages.ts';
import { environmentCredentials } from '../../shared/aws/request/credentials.ts';
import { createJsonClient } from '../../shared/aws/request/json.ts';
import { environmentReader } from '../../shared/aws/s3/bucket-reader.ts';
import { s3ObjectStore } from '../../shared/aws/s3/object-store.ts';
import { environmentRoot } from '../../shared/aws/s3/root.ts';
import { recallKept } from '../../shared/aws/s3/sweep-cache.ts';
import { systemClock } from '../../shared/clock.ts';
import { readSecret } from '../../shared/credentials/secret.ts';
import { asLandfallError, LandfallError } from '../../shared/errors.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import { leftSuspended } from '../../shared/notify/left-suspended.ts';
import { checkPlace, type MessagePlace, type ReadSecret } from '../../shared/notify/secret-places.ts';
import type { SendPorts } from '../../shared/notify/send-deps.ts';
import { type QueueRecord, recordOf } from '../queue-work.ts';
import { failureFields, notifyReport, write } from '../report.ts';
import { type InvocationContext, type InvocationDeadline, startInvocation } from './invocation.ts';
import { lambdaLog, lambdaMetrics } from './lambda-log.ts';
import { once } from './once.ts';
import { sendBack } from './work/failed-work.ts';
import { notifyBatch } from './work/notify-batch.ts';
import { readPlaced } from './work/notify-bindings.ts';

/** Longer than an invocation: what it had begun when it was killed is tried again after it. */
const CLAIM_MS = 2 * 60_000;
/** No message is begun later than this after an invocation's begin: what is left is another's. */
const TURN_MS = 20_000;

const clock = systemClock;

function secretReader(region: string): SendPorts['secret'] {
  const credentials = environmentCredentials(env);
  const cloud = cloudSecrets({ client: createJsonClient({ region, credentials, clock, env }), clock });
  const secrets = documentSecrets(cloud);
  return (where) => readSecret(where, secrets);
}

/** Topics of SNS, as this function: what asks them is loaded with the first. */
const publisher =
  (signal: AbortSignal): SendPorts['publish'] =>
  async (message) => {
    const { publishToTopic } = await import('../../shared/aws/messages/sns-topic.ts');
    await publishToTopic({ credentials: environmentCredentials(env), clock, env, signal })(message);
  };

/** What one start of the function keeps: documents are read again where they changed. */
async function openNotify() {
  const { bucket, queueUrl, region } = functionEnvironment(['bucket', 'queueUrl', 'region'], env);
  const reader = environmentReader({ bucket, region, env }, clock);
  const { delayedSender } = await import('../../shared/aws/messages/delayed-message.ts');
  const placed = readPlaced(env);
  return {
    log: lambdaLog(),
    metrics: lambdaMetrics(bucket),
    objects: s3ObjectStore(environmentRoot({ bucket, prefix: '', region, env }, clock)),
    // Whoever polls makes it of the documents.
    read: configurationReader({ reader, refresh: async () => EMPTY_COMPILED }),
    send: delayedSender(queueUrl, { clock, region, credentials: environmentCredentials(env) }),
    queue: receivedMessages(queueUrl, { clock }),
    secret: secretReader(region),
    checkPlace: (...sent: readonly [MessagePlace, readonly ReadSecret[]]) => checkPlace(...sent, placed),
  };
}

type Opened = Awaited<ReturnType<typeof openNotify>>;

async function run(
  records: readonly QueueRecord[],
  opened: Opened,
  { signal, lastSignal }: InvocationDeadline,
): Promise<readonly string[]> {
  const { log, metrics, objects, read, send } = opened;
  const { compiled } = await read({ signal });
  // What nobody is told now is lost: who is to be told has to be known.
  if (compiled === EMPTY_COMPILED)
    throw new LandfallError('CONFIG_UNREADABLE', 'there is no configuration that this version can read yet');
  const suspended = async () => {
    const facts = await recallKept(objects, { signal });
    const sources = sourcesOf(compiled).filter(
      (source) => source.suspend || facts.get(formatSourceId(source))?.isSuspended !== false,
    );
    return leftSuspended(sources, { objects, clock, signal });
  };
  return notifyBatch(records, {
    ...opened,
    clock,
    signal,
    lastSignal,
    entries: notifyOf(compiled),
    isWhole: compiled.problems.length === 0,
    leftSuspended: suspended,
    send: (body, milliseconds) => send(body, milliseconds, { signal: lastSignal }),
    publish: publisher(signal),
    claimMs: CLAIM_MS,
    untilMs: clock.now() + TURN_MS,
    report: (report) => write(notifyReport(report, clock.now()), { log, count: (name) => metrics.add(name) }),
  });
}

const opening = once(openNotify);

/** Tells whom the documents name of events, and says which messages are to be delivered again. */
export async function handler({ Records }: SQSEvent, context: InvocationContext): Promise<SQSBatchResponse> {
  using deadline = startInvocation(context);
  const records = Records.map(recordOf);
  const opened = await opening();
  const { log, metrics, queue } = opened;
  try {
    const failed = await run(records, opened, deadline);
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  } catch (thrown) {
    const error = asLandfallError(thrown);
    log('error', 'notifications wait', { messages: records.length, ...failureFields(error) });
    await sendBack(records, error.retryAfterMs, { queue, log, signal: deadline.lastSignal });
    return { batchItemFailures: records.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  } finally {
    metrics.flush();
  }
}
