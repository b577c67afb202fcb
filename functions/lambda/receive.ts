import { env } from 'node:process';
import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from 'aws-lambda';
import { triggersReader } from '../../shared/aws/configuration/triggers-in-force.ts';
import { cloudSecrets } from '../../shared/aws/credentials/secrets.ts';
import { functionEnvironment } from '../../shared/aws/function-environment.ts';
import { sqsQueue } from '../../shared/aws/messages/sqs-queue.ts';
import { environmentCredentials } from '../../shared/aws/request/credentials.ts';
import { createJsonClient } from '../../shared/aws/request/json.ts';
import { environmentReader } from '../../shared/aws/s3/bucket-reader.ts';
import { systemClock } from '../../shared/clock.ts';
import { WatchedFiles } from '../../shared/credentials/watched-files.ts';
import { asLandfallError } from '../../shared/errors.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import { httpsKeys } from '../../shared/trigger/jwt/https-keys.ts';
import { LoggedOnce } from '../../shared/trigger/logged-once.ts';
import type { Webhook, WebhookAnswer, WebhookWithBody } from '../../shared/trigger/webhook.ts';
import { type Received, receive, refuseHead } from '../receive.ts';
import { failureFields } from '../report.ts';
import { reportUnread } from '../report-unread.ts';
import { type InvocationContext, startInvocation } from './invocation.ts';
import { lambdaLog, lambdaMetrics } from './lambda-log.ts';
import { once } from './once.ts';
import { type ReceiversInForce, receiversInForce } from './receivers-in-force.ts';
import { cameThroughOrigin } from './through-origin.ts';

type UrlResult = Exclude<LambdaFunctionURLResult, string>;

const AROUND: WebhookAnswer = { status: 403, body: 'forbidden\n' };
const UNAVAILABLE: WebhookAnswer = { status: 503, headers: { 'retry-after': '5' }, body: 'try again\n' };

/** Lambda joins a header that came more than once with commas, and lower-cases names. */
const headOf = ({ rawPath, headers, requestContext }: LambdaFunctionURLEvent): Webhook => ({
  method: requestContext.http.method,
  path: rawPath,
  headers,
});

/** The bytes as they were sent: signatures are over these. */
const withBody = (
  head: Webhook,
  { body = '', isBase64Encoded }: LambdaFunctionURLEvent,
): WebhookWithBody => ({
  ...head,
  body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
});

const toResult = ({ status, headers, body }: WebhookAnswer): UrlResult => ({
  statusCode: status,
  headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
  ...(body !== undefined && { body }),
});

const open = once(async (): Promise<ReceiversInForce> => {
  const { bucket, queueUrl, region } = functionEnvironment(['bucket', 'queueUrl', 'region'], env);
  const clock = systemClock;
  const client = createJsonClient({ region, credentials: environmentCredentials(env), clock, env });
  const log = lambdaLog();
  return receiversInForce({
    triggers: triggersReader({ reader: environmentReader({ bucket, region, env }, clock), clock }),
    secrets: { env, files: new WatchedFiles(clock), cloud: cloudSecrets({ client, clock }) },
    keys: httpsKeys({ env, clock }),
    queue: sqsQueue({ queueUrl, client, clock }),
    metrics: lambdaMetrics(bucket),
    clock,
    log,
  });
});

/** Of this execution environment. */
const logged = new LoggedOnce(systemClock);

async function answerTo(
  event: LambdaFunctionURLEvent,
  inForce: ReceiversInForce,
  { signal }: CallOptions,
): Promise<WebhookAnswer> {
  const { log, metrics } = inForce;
  const onReceived = (received: Received): void => {
    const { receiver, status, sources, code, why } = received;
    metrics.add(status < 300 ? 'WebhooksAccepted' : 'WebhooksRefused');
    log(status < 300 ? 'info' : 'warn', 'webhook', { receiver, status, code, why, sources: sources.length });
    reportUnread(log, received, logged);
  };
  try {
    const deps = { ...(await inForce.read({ signal })), onReceived, signal };
    const head = headOf(event);
    const refused = refuseHead(head, deps);
    // A secret that cannot be read leaves a path unknown: strangers, who find none, are not told of.
    if (refused?.status === UNAVAILABLE.status) metrics.add('WebhooksRefused');
    return refused ?? (await receive(withBody(head, event), deps));
  } catch (error) {
    log('error', 'receivers are not known', failureFields(asLandfallError(error)));
    metrics.add('WebhooksRefused');
    return UNAVAILABLE;
  } finally {
    metrics.flush();
  }
}

/** Answers webhooks at a Function URL, or at an HTTP API, whose events are the same. */
export async function handler(event: LambdaFunctionURLEvent, context: InvocationContext): Promise<UrlResult> {
  using deadline = startInvocation(context);
  if (!cameThroughOrigin(event.headers, env)) return toResult(AROUND);
  return toResult(await answerTo(event, await open(), deadline));
}
