import type { CallOptions } from '../../kernel/call-options.ts';
import type { SdkAccess } from '../sdk/call.ts';
import { unavailable } from './sqs-queue.ts';

/** Messages of a queue that a function has been handed. */
export interface ReceivedMessages {
  /**
   * Has one come back after `milliseconds` instead of the queue's visibility timeout.
   * @throws LandfallError QUEUE_UNAVAILABLE
   */
  returnAfter(receiptHandle: string, milliseconds: number, options?: CallOptions): Promise<void>;
  /**
   * Has one not come again, and opens its group, before the function's answer does.
   * @throws LandfallError QUEUE_UNAVAILABLE
   */
  remove(receiptHandle: string, options?: CallOptions): Promise<void>;
}

/** The SDK is loaded with the first that is returned. */
export function receivedMessages(queueUrl: string, access: SdkAccess): ReceivedMessages {
  const opening = async () => (await import('../sdk/sqs.ts')).openSqs(queueUrl, access);
  let opened: ReturnType<typeof opening> | undefined;
  return {
    returnAfter: async (receiptHandle, milliseconds, options) => {
      opened ??= opening();
      const { changeVisibility } = await opened;
      const seconds = Math.ceil(milliseconds / 1000);
      await changeVisibility(receiptHandle, seconds, options).catch((error: unknown) => {
        throw unavailable('a message keeps the visibility it has', error, options?.signal);
      });
    },
    remove: async (receiptHandle, options) => {
      opened ??= opening();
      const { remove } = await opened;
      await remove(receiptHandle, options).catch((error: unknown) => {
        throw unavailable('a message is deleted later', error, options?.signal);
      });
    },
  };
}
