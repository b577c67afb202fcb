import { hubSignature } from './hub-signature.ts';
import type { Sender } from './sender.ts';

const HOW =
  "in the owner's or repository's Settings, Webhooks: POST, Secret: <the secret>, trigger on Packages";

const senderOf = (product: 'gitea' | 'forgejo'): Sender => ({
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

export const gitea = senderOf('gitea');
export const forgejo = senderOf('forgejo');
