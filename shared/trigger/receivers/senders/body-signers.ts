import { createHmac } from 'node:crypto';
import type { JfrogOptions } from '../../../source/receiver-entry.ts';
import type { Sender } from './sender.ts';

/** Lower-case hex of the HMAC-SHA256 over a body. */
const hubSignature = (body: string, secret: string): string =>
  createHmac('sha256', secret).update(body).digest('hex');

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

const HOW =
  "in the owner's or repository's Settings, Webhooks: POST, Secret: <the secret>, trigger on Packages";

const giteaLike = (product: 'gitea' | 'forgejo'): Sender => ({
  how: HOW,
  sample: ({ repository, tag }, { secret }) => {
    const body = JSON.stringify({
      action: 'created',
      package: {
        type: 'container',
        owner: { login: repository.split('/', 1)[0] },
        name: repository.slice(repository.indexOf('/') + 1),
        version: tag,
      },
    });
    const headers = {
      [`x-${product}-event`]: 'package',
      [`x-${product}-delivery`]: crypto.randomUUID(),
      [`x-${product}-signature`]: hubSignature(body, secret),
    };
    return { headers, body };
  },
});

export const gitea = giteaLike('gitea');
export const forgejo = giteaLike('forgejo');

export const jfrog = ({ signed = false }: JfrogOptions): Sender => ({
  how: `Administration, Webhooks: event Docker, Tag was pushed; Secret token: <the secret>, "Use secret for payload signing" ${signed ? 'ticked' : 'not ticked'}`,
  sample: ({ repository, tag, digest }, { secret }) => {
    const [repo_key = '', ...image] = repository.split('/');
    const body = JSON.stringify({
      domain: 'docker',
      event_type: 'pushed',
      data: {
        repo_key,
        path: [...image, tag, 'manifest.json'].join('/'),
        name: 'manifest.json',
        sha256: digest.slice('sha256:'.length),
        image_name: image.join('/'),
        tag,
      },
      subscription_key: 'landfall',
    });
    return { headers: { 'x-jfrog-event-auth': signed ? hubSignature(body, secret) : secret }, body };
  },
});
