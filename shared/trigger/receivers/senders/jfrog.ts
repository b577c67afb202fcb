import type { JfrogOptions } from '../../../source/receiver-entry.ts';
import { hubSignature } from './hub-signature.ts';
import type { Sender } from './sender.ts';

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
