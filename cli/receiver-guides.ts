import type { ReceiverType } from '../shared/source/receiver-entry.ts';

/** What a user has to do at the sender, for each type of receiver. */
export const RECEIVER_GUIDES: Readonly<Record<ReceiverType, string>> = {
  distribution:
    'add it under notifications.endpoints, with headers: { Authorization: [Bearer <the secret>] }',
  generic:
    'sign as Standard Webhooks do: webhook-id, webhook-timestamp, webhook-signature: v1,<base64 HMAC-SHA256>',
};
