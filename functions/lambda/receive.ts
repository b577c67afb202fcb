import { env } from 'node:process';
import type { LambdaFunctionURLEvent, LambdaFunctionURLResult } from 'aws-lambda';
import { type TriggersInForce, triggersReader } from '../../shared/aws/configuration/triggers-in-force.ts';
import { documentSecrets } from '../../shared/aws/credentials/document-secrets.ts';
import { cloudSecrets } from '../../shared/aws/credentials/secrets.ts';
import { functionEnvironment } from '../../shared/aws/function-environment.ts';
import { type SqsQueue, sqsQueue } from '../../shared/aws/messages/sqs-queue.ts';
import type { Metrics } from '../../shared/aws/metrics.ts';
import { environmentCredentials } from '../../shared/aws/request/credentials.ts';
import { createJsonClient } from '../../shared/aws/request/json.ts';
import { environmentReader } from '../../shared/aws/s3/bucket-reader.ts';
import { isAccessDenied } from '../../shared/aws/s3/read.ts';
import { type Clock, systemClock } from '../../shared/clock.ts';
import type { SecretDeps } from '../../shared/credentials/secret.ts';
import { asLandfallError, LandfallError } from '../../shared/errors.ts';
import type { CallOptions } from '../../shared/kernel/call-options.ts';
import type { Log } from '../../shared/log.ts';
import { TRIGGERS_KEY } from '../../shared/store/layout.ts';
import { httpsKeys } from '../../shared/trigger/jwt/https-keys.ts';
import type { KeySource } from '../../shared/trigger/jwt/key-source.ts';
import { LoggedOnce } from '../../shared/trigger/logged-once.ts';
import { type SourceMatcher, sourceMatcher } from '../../shared/trigger/match-sources.ts';
import { openReceivers, reportClosed } from '../../shared/trigger/receivers/open-receiver.ts';
import type { Webhook, WebhookAnswer, WebhookWithBody } from '../../shared/trigger/webhook.ts';
import {
  type ReceiveDeps,
  type Received,
  receive,
  receiverTable,
  refuseHead,
  reportUnread,
} from '../receive.ts';
import { failureFields } from '../report.ts';
import { type InvocationContext, startInvocation } from './invocation.ts';
import { lambdaLog, lambdaMetrics } from './lambda-log.ts';
import { once } from './once.ts';
import { cameThroughOrigin } from './through-origin.ts';

export interface ReceiversInForceDeps {
  readonly triggers: (options?: CallOptions) => Promise<TriggersInForce | undefined>;
  readonly secrets: SecretDeps;
  readonly keys: KeySource;
  readonly queue: SqsQueue;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Receivers with their secrets as they are now. */
export interface ReceiversInForce extends Pick<ReceiversInForceDeps, 'log' | 'metrics'> {
  /** @throws LandfallError STORE_*, CONFIG_UNREADABLE where the documents have not been read yet */
  read(options?: CallOptions): Promise<Omit<ReceiveDeps, 'onReceived' | 'signal'>>;
}

export function receiversInForce(deps: ReceiversInForceDeps): ReceiversInForce {
  const { triggers, secrets, keys, queue, clock, log, metrics } = deps;
  let matcher: { readonly version: string; readonly sources: SourceMatcher } | undefined;

  return {
    log,
    metrics,
    read: async (options) => {
      // Who may not list is told no more of a key that is not there.
      const inForce = await triggers(options).catch((error: unknown) => {
        if (!isAccessDenied(error)) throw error;
        return undefined;
      });
      if (inForce === undefined) {
        throw new LandfallError(
          'CONFIG_UNREADABLE',
          `the documents have not been read yet: ${TRIGGERS_KEY}`,
          {
            hint: 'Wait a minute; then see the log of the function poll, and what policies deny of that object.',
          },
        );
      }
      if (matcher?.version !== inForce.version) {
        matcher = { version: inForce.version, sources: sourceMatcher(inForce.triggers.sources) };
      }
      const opened = await openReceivers(inForce.triggers.receivers, { secrets, clock, keys });
      reportClosed(log, opened.closed);
      return { receivers: receiverTable(opened), sources: matcher.sources, queue };
    },
  };
}

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
    secrets: documentSecrets(cloudSecrets({ client, clock })),
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
