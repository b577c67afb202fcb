import { OCI_MANIFEST } from '../../../oci/media-types.ts';
import type { Sender } from './sender.ts';

export const zot: Sender = {
  how: 'in its configuration: extensions.events.sinks: [{ "type": "http", "address": <the URL>, "credentials": { "token": <the secret> } }]',
  sample: ({ repository, tag, digest }, { secret, now }) => ({
    headers: {
      authorization: `Bearer ${secret}`,
      'ce-specversion': '1.0',
      'ce-id': crypto.randomUUID(),
      'ce-source': 'zotregistry.dev',
      'ce-type': 'zotregistry.image.updated',
      'ce-time': new Date(now).toISOString(),
    },
    body: JSON.stringify({ name: repository, reference: tag, digest, mediaType: OCI_MANIFEST }),
  }),
};
