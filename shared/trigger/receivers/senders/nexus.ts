import { createHmac } from 'node:crypto';
import type { Sender } from './sender.ts';

export const nexus: Sender = {
  how: 'Capabilities, Create: "Webhook: Repository" for the Docker repository, event component; Secret Key: <the secret>',
  sample: ({ repository, tag }, { secret, now }) => {
    const body = JSON.stringify({
      timestamp: new Date(now).toISOString(),
      repositoryName: 'landfall-sample',
      action: 'CREATED',
      component: { format: 'docker', name: repository, version: tag },
    });
    const headers = {
      'x-nexus-webhook-id': 'rm:repository:component',
      'x-nexus-webhook-signature': createHmac('sha1', secret).update(body).digest('hex'),
    };
    return { headers, body };
  },
};
