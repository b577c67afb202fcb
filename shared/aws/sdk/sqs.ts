import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { callSdk, type SdkAccess, sdkSettings } from './call.ts';

/** Calls on one queue that nobody waits for at a cold start. @throws as callSdk */
export interface SqsCalls {
  /** Hides a received message for so many seconds from now on. */
  changeVisibility(receiptHandle: string, seconds: number): Promise<void>;
  /** Deletes a received message. */
  remove(receiptHandle: string): Promise<void>;
  /** Whether it was taken. */
  send(message: Omit<SendMessageBatchRequestEntry, 'Id'>): Promise<boolean>;
}

/** The SDK takes the URL of a queue for its endpoint, too. */
export function openSqs(queueUrl: string, access: SdkAccess): SqsCalls {
  const client = new SQSClient(sdkSettings(access));
  return {
    changeVisibility: async (ReceiptHandle, VisibilityTimeout) => {
      const command = { QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout };
      await callSdk(access, (options) => client.send(new ChangeMessageVisibilityCommand(command), options));
    },
    remove: async (ReceiptHandle) => {
      const command = { QueueUrl: queueUrl, ReceiptHandle };
      await callSdk(access, (options) => client.send(new DeleteMessageCommand(command), options));
    },
    send: async (message) => {
      const batch = { QueueUrl: queueUrl, Entries: [{ Id: '0', ...message }] };
      const sent = await callSdk(access, (options) =>
        client.send(new SendMessageBatchCommand(batch), options),
      );
      return sent.Successful?.length === 1;
    },
  };
}
