import * as z from 'zod/mini';
import { isLandfallError } from '../../errors.ts';
import { parseReference, type Reference } from '../../oci/reference.ts';
import { GOOGLE } from '../jwt/issuers.ts';
import type { WebhookWithBody } from '../webhook.ts';
import { jwtBearer } from './auth/jwt-bearer.ts';
import { pushHint } from './hints/push-hint.ts';
import { parseWebhookJson } from './hints/webhook-json.ts';
import type { PushHint, Receiver, ReceiverOptions } from './receiver.ts';

/** As Pub/Sub wraps a message; a subscription that unwraps sends the data alone. */
const wrapped = z.object({ message: z.object({ data: z.string() }) });
/** `digest` and `tag` are references in full: `host/project/repository/image@sha256:…` and `…:tag`. */
const insert = z.object({
  action: z.literal('INSERT'),
  digest: z.nullish(z.string()),
  tag: z.nullish(z.string()),
});

function messageOf({ body }: WebhookWithBody): unknown {
  const sent = parseWebhookJson(body);
  const { data } = wrapped.safeParse(sent);
  return data === undefined ? sent : parseWebhookJson(Buffer.from(data.message.data, 'base64'));
}

function referenceIn(text: string | null | undefined): Reference | undefined {
  try {
    return typeof text === 'string' ? parseReference(`oci://${text}`) : undefined;
  } catch (error) {
    if (isLandfallError(error)) return undefined;
    throw error;
  }
}

/** One topic has every registry of a project, so those of other hosts are left out. Deletes are no pushes. */
function hintsOf(message: unknown, registries: readonly string[]): readonly PushHint[] {
  const { data } = insert.safeParse(message);
  const tagged = referenceIn(data?.tag);
  const pushed = referenceIn(data?.digest);
  const named = tagged ?? pushed;
  if (named === undefined || !registries.includes(named.registry)) return [];
  const tag = tagged !== undefined && 'tag' in tagged.selector ? tagged.selector.tag : data?.tag;
  const digest = pushed !== undefined && 'digest' in pushed.selector ? pushed.selector.digest : undefined;
  return [pushHint(named.repository, tag, digest)];
}

/**
 * Google's Artifact Registry (and Container Registry) by a push subscription to the topic `gcr`: a token of Google's
 * for the subscription's service account.
 * @see https://cloud.google.com/artifact-registry/docs/configure-notifications
 * @see https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions
 */
export function garReceiver({ entry, keys, clock }: ReceiverOptions<'gar'>): Receiver {
  const { audience, serviceAccount, registry, hosts = [] } = entry;
  // Whoever has an account at Google gets tokens for any audience: the account is what tells ours from theirs.
  const accepts = ({ email, email_verified }: Readonly<Record<string, unknown>>): boolean =>
    email === serviceAccount && email_verified === true;
  return {
    authenticate: jwtBearer({ issuer: GOOGLE, audience, accepts }, { keys, clock }),
    parse: (request) => hintsOf(messageOf(request), [registry, ...hosts]),
    said: messageOf,
  };
}
