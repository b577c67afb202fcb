import { signedHeaders } from '../standard-webhook.ts';
import type { Sender } from './sender.ts';

export const cloudevents: Sender = {
  how: 'send container.image.push or CDEvents dev.cdevents.artifact.published with Authorization: Bearer <the secret>, or signed as Standard Webhooks do',
  sample: (push, { secret, now }) => {
    const body = JSON.stringify({
      specversion: '1.0',
      id: crypto.randomUUID(),
      source: '/landfall/sample',
      type: 'container.image.push',
      time: new Date(now).toISOString(),
      data: push,
    });
    const delivery = { id: `msg_${crypto.randomUUID()}`, timestamp: Math.floor(now / 1000) };
    const headers = {
      ...signedHeaders({ ...delivery, body: Buffer.from(body) }, secret),
      'content-type': 'application/cloudevents+json',
    };
    return { headers, body };
  },
};
