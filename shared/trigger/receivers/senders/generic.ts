import { signedHeaders } from '../standard-webhook.ts';
import type { Sender } from './sender.ts';

export const generic: Sender = {
  how: 'sign as Standard Webhooks do: webhook-id, webhook-timestamp, webhook-signature: v1,<base64 HMAC-SHA256>',
  sample: (push, { secret, now }) => {
    const body = JSON.stringify(push);
    const delivery = { id: `msg_${crypto.randomUUID()}`, timestamp: Math.floor(now / 1000) };
    return { headers: signedHeaders({ ...delivery, body: Buffer.from(body) }, secret), body };
  },
};
