import { hubSignature } from './hub-signature.ts';
import type { Sender } from './sender.ts';

export const ghcr: Sender = {
  how: "in the repository's or organization's Settings, Webhooks: content type application/json, Secret: <the secret>, event Packages",
  sample: ({ repository, tag, digest }, { secret, registry }) => {
    const body = JSON.stringify({
      action: 'published',
      package: {
        name: repository.slice(repository.indexOf('/') + 1),
        namespace: repository.split('/', 1)[0],
        owner: { login: repository.split('/', 1)[0] },
        package_type: 'CONTAINER',
        package_version: {
          version: digest,
          package_url: `${registry}/${repository}:${tag}`,
          container_metadata: { tag: { name: tag, digest } },
        },
      },
    });
    const headers = {
      'x-github-event': 'package',
      'x-github-delivery': crypto.randomUUID(),
      'x-hub-signature-256': `sha256=${hubSignature(body, secret)}`,
    };
    return { headers, body };
  },
};
