import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { CallOptions } from '../../kernel/call-options.ts';
import { callSdk, type SdkAccess, sdkSettings } from './call.ts';

/** Calls on one queue that nobody waits for at a cold start. @throws as callSdk */
export interface SqsCalls {
  /** Hides a received message for so many seconds from now on. */
  changeVisibility(receiptHandle: string, seconds: number, options?: CallOptions): Promise<void>;
  /** Deletes a received message. */
  remove(receiptHandle: string, options?: CallOptions): Promise<void>;
  /** Whether it was taken. */
  send(message: Omit<SendMessageBatchRequestEntry, 'Id'>, options?: CallOptions): Promise<boolean>;
}

/** The SDK takes the URL of a queue for its endpoint, too. */
export function openSqs(queueUrl: string, access: SdkAccess): SqsCalls {
  const client = new SQSClient(sdkSettings(access));
  return {
    changeVisibility: async (ReceiptHandle, VisibilityTimeout, { signal } = {}) => {
      const command = { QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout };
      const call = (options: { readonly abortSignal: AbortSignal }) =>
        client.send(new ChangeMessageVisibilityCommand(command), options);
      await callSdk(access, call, signal);
    },
    remove: async (ReceiptHandle, { signal } = {}) => {
      const command = { QueueUrl: queueUrl, ReceiptHandle };
      const call = (options: { readonly abortSignal: AbortSignal }) =>
        client.send(new DeleteMessageCommand(command), options);
      await callSdk(access, call, signal);
    },
    send: async (message, { signal } = {}) => {
      const batch = { QueueUrl: queueUrl, Entries: [{ Id: '0', ...message }] };
      const call = (options: { readonly abortSignal: AbortSignal }) =>
        client.send(new SendMessageBatchCommand(batch), options);
      const sent = await callSdk(access, call, signal);
      return sent.Successful?.length === 1;
    },
  };
}
