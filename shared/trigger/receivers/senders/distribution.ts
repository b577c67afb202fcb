import { OCI_MANIFEST } from '../../../oci/media-types.ts';
import type { Sender } from './sender.ts';

export const distribution: Sender = {
  how: 'add it under notifications.endpoints, with headers: { Authorization: [Bearer <the secret>] }',
  sample: ({ repository, tag, digest }, { secret, registry, now }) => ({
    headers: {
      authorization: `Bearer ${secret}`,
      'content-type': 'application/vnd.docker.distribution.events.v2+json',
    },
    body: JSON.stringify({
      events: [
        {
          id: crypto.randomUUID(),
          timestamp: new Date(now).toISOString(),
          action: 'push',
          target: { mediaType: OCI_MANIFEST, repository, tag, digest },
          request: { host: registry, method: 'PUT' },
        },
      ],
    }),
  }),
};
