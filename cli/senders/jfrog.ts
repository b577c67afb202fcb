import { hubSignature } from './hub-signature.ts';
import type { Sender } from './sender.ts';

export const jfrog: Sender = {
  how: 'Administration, Webhooks: event Docker, Tag was pushed; Secret token: <the secret>, and "Use secret for payload signing" as `signed` has it',
  sample: ({ repository, tag, digest }, { entry, secret }) => {
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
    const isSigned = entry.type === 'jfrog' && entry.signed === true;
    return { headers: { 'x-jfrog-event-auth': isSigned ? hubSignature(body, secret) : secret }, body };
  },
};
