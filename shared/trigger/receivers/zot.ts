import * as z from 'zod/mini';
import { onlyHeader, type Webhook } from '../webhook.ts';
import { equalsInConstantTime } from './auth/constant-time.ts';
import { isBearer } from './auth/static-secret.ts';
import { type CloudEvent, cloudEventsOf } from './hints/cloud-event.ts';
import { pushHint } from './hints/push-hint.ts';
import type { PushHint, Receiver, ReceiverOptions } from './receiver.ts';

/** `reference` is a tag, or the digest. */
const image = z.object({
  name: z.string(),
  reference: z.nullish(z.string()),
  digest: z.nullish(z.string()),
});

/** Whatever the user is called. */
function isPassword(request: Webhook, secret: string): boolean {
  const [, encoded] =
    /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(onlyHeader(request, 'authorization') ?? '') ?? [];
  if (encoded === undefined) return false;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon >= 0 && equalsInConstantTime(pair.slice(colon + 1), secret);
}

/** Of a new repository there is an event of its own besides, which says nothing more. */
function hintOf({ type, data: told }: CloudEvent): readonly PushHint[] {
  const { data } = image.safeParse(told);
  if (type !== 'zotregistry.image.updated' || data === undefined) return [];
  return [pushHint(data.name, data.reference, data.digest)];
}

/**
 * zot's events extension, by a sink of type http: CloudEvents, with the credentials of the sink.
 * @see https://zotregistry.dev/latest/articles/events/
 */
export const zotReceiver = ({ secret }: ReceiverOptions): Receiver => ({
  authenticate: (request) => isBearer(request, secret) || isPassword(request, secret),
  parse: (request) => cloudEventsOf(request).flatMap(hintOf),
});
