import * as z from 'zod/mini';
import { onlyHeader, type WebhookWithBody } from '../webhook.ts';
import { isHexSignature } from './auth/body-signature.ts';
import { pushHint } from './hints/push-hint.ts';
import { parseWebhookJson, unwrapForm } from './hints/webhook-json.ts';
import type { PushHint, Receiver, ReceiverOptions } from './receiver.ts';

const TYPES: ReadonlySet<string> = new Set(['container', 'helm']);

/** `version` is the tag; of a manifest pushed without one, such as a platform's, its digest. */
const event = z.object({
  action: z.literal('created'),
  package: z.object({
    type: z.string(),
    name: z.string(),
    version: z.nullish(z.string()),
    owner: z.object({ login: z.string() }),
  }),
});

function parse(request: WebhookWithBody): readonly PushHint[] {
  const { data } = event.safeParse(parseWebhookJson(unwrapForm(request)));
  if (data === undefined || !TYPES.has(data.package.type)) return [];
  const { name, version, owner } = data.package;
  return [pushHint(`${owner.login}/${name}`, version)];
}

/** HMAC-SHA256 over the JSON, also where that comes in a form; in hex, without a prefix. */
const signedIn =
  (header: string) =>
  ({ secret }: ReceiverOptions): Receiver => ({
    authenticate: (request) =>
      isHexSignature(onlyHeader(request, header), { body: unwrapForm(request), secret }),
    parse,
  });

/** Packages of Gitea. @see https://docs.gitea.com/usage/webhooks */
export const giteaReceiver = signedIn('x-gitea-signature');

/** Packages of Forgejo. @see https://forgejo.org/docs/latest/user/webhooks/ */
export const forgejoReceiver = signedIn('x-forgejo-signature');
