import { env } from 'node:process';

/** X-Ray's, as Lambda has it. */
const HEADER = /^[\w=;:.-]{1,500}$/;

/**
 * The trace that this invocation is part of, for what it sends: undefined where nobody traces it. Lambda sets it anew for each.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export function traceHeader(): string | undefined {
  const header = env['_X_AMZN_TRACE_ID'] ?? '';
  return HEADER.test(header) ? header : undefined;
}

/**
 * The same as a message of SQS carries it: none of its bytes and of what tells messages apart.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-message-system-attributes
 */
export function tracedMessage(): {
  readonly MessageSystemAttributes?: {
    readonly AWSTraceHeader: { readonly DataType: 'String'; readonly StringValue: string };
  };
} {
  const header = traceHeader();
  if (header === undefined) return {};
  return { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: header } } };
}
