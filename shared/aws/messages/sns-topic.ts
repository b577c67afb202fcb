import { createHash } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { asLandfallError, LandfallError } from '../../errors.ts';
import { AWS_TIMEOUT_MS } from '../../limits.ts';
import { createAwsClient } from '../request/client.ts';
import type { CredentialSource } from '../request/credentials.ts';
import { endpointOf } from '../request/endpoint.ts';
import { AwsFailure, failureFacts, formatFailure } from '../request/failure.ts';
import { isPassing } from '../request/failure-kind.ts';
import { originOf } from '../request/send.ts';

export interface TopicMessage {
  /** ARN; it says in which region. */
  readonly topic: string;
  /** Printable ASCII, up to 100. */
  readonly subject: string;
  readonly text: string;
}

/** SNS is asked by its Query protocol. @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
function formOf({ topic, subject, text }: TopicMessage): string {
  const form = new URLSearchParams({
    Action: 'Publish',
    Version: '2010-03-31',
    TopicArn: topic,
    Subject: subject,
    Message: text,
  });
  if (topic.endsWith('.fifo')) {
    form.set('MessageGroupId', 'landfall');
    form.set('MessageDeduplicationId', createHash('sha256').update(text).digest('hex'));
  }
  return form.toString();
}

/** Publishes to topics. @throws LandfallError NOTIFY_UNAVAILABLE to be tried again, NOTIFY_REFUSED for good */
export function publishToTopic({
  credentials,
  clock,
  env,
  signal,
}: {
  readonly credentials: CredentialSource;
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}): (message: TopicMessage) => Promise<void> {
  const client = createAwsClient({ credentials, clock, timeoutMs: AWS_TIMEOUT_MS });
  return async (message) => {
    const [, , , region = ''] = message.topic.split(':');
    try {
      await client.send({
        service: 'sns',
        region,
        signal,
        method: 'POST',
        path: '/',
        origin: originOf(endpointOf('sns', region, env)),
        headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
        body: Buffer.from(formOf(message)),
      });
    } catch (error) {
      if (!(error instanceof AwsFailure)) throw asLandfallError(error);
      // Credentials that have ended are new ones at the next try.
      const isLater = isPassing(error) || error.kind === 'expired' || error.kind === 'credentials';
      const code = isLater ? 'NOTIFY_UNAVAILABLE' : 'NOTIFY_REFUSED';
      throw new LandfallError(code, `sns: ${message.topic}: ${formatFailure(error)}`, {
        cause: error,
        ...failureFacts(error),
      });
    }
  };
}
