import type { SQSRecord } from 'aws-lambda';
import type { QueueRecord } from '../queue-work.ts';

export const recordOf = ({ messageId, receiptHandle, body, attributes }: SQSRecord): QueueRecord => ({
  messageId,
  receiptHandle,
  body,
  receives: Number(attributes.ApproximateReceiveCount),
});
