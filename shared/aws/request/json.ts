import type { AwsClient, AwsReply, AwsRequest } from './client.ts';

export interface JsonCall extends Omit<AwsRequest, 'method' | 'body' | 'headers'> {
  /** `AmazonSQS.SendMessageBatch`. */
  readonly target: string;
  readonly input: unknown;
}

/** SQS alone speaks 1.0. @see https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html */
const versionOf = ({ service }: JsonCall): string => (service === 'sqs' ? '1.0' : '1.1');

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text === '' ? '{}' : text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    // Told below: it is no answer of the service's.
    return undefined;
  }
}

/** One call of AWS's JSON protocol. */
export async function callJson(
  { target, input, ...request }: JsonCall,
  client: AwsClient,
): Promise<AwsReply<Readonly<Record<string, unknown>>>> {
  const version = versionOf({ target, input, ...request });
  const reply = await client.send({
    ...request,
    method: 'POST',
    headers: { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': target },
    body: JSON.stringify(input),
  });
  if (!reply.ok) return reply;
  const value = parse(reply.value.body.toString('utf8'));
  if (value !== undefined) return { ok: true, value };
  return { ok: false, failure: { kind: 'unavailable', code: 'answer is not JSON', message: '' } };
}
