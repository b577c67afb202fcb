import * as z from 'zod/mini';
import { LandfallError } from '../../errors.ts';
import { isObject } from '../../kernel/json.ts';
import { essenceOf, MANIFEST_TYPES } from '../../oci/media-types.ts';
import { onlyHeader, type WebhookWithBody } from '../webhook.ts';
import { isBearer } from './auth/static-secret.ts';
import { pushHint } from './hints/push-hint.ts';
import { parseWebhookJson } from './hints/webhook-json.ts';
import type { PushHint, Receiver, ReceiverOptions } from './receiver.ts';

const CONTENT_TYPES: ReadonlySet<string> = new Set([
  'application/vnd.docker.distribution.events.v2+json',
  'application/vnd.docker.distribution.events.v1+json',
  'application/json',
]);

/** A list that Go has nothing in is null. */
const envelope = z.object({ events: z.nullable(z.array(z.unknown())) });

/** Only what is used. The host in `request` and `target.url` is whatever the pushing client called the registry. */
const pushEvent = z.object({
  action: z.literal('push'),
  target: z.object({
    mediaType: z.nullish(z.string()),
    repository: z.string(),
    tag: z.nullish(z.string()),
    digest: z.nullish(z.string()),
  }),
});

/**
 * Pulls, deletes, mounts and blobs are no pushes of ours; a broken event does not spoil the others. What has a tag is a
 * manifest, of whatever type: sources with `unpack: { mode: none }` follow any.
 */
function hintOf(event: unknown): readonly PushHint[] {
  // A schema would make an error of each of 250,000 that are none, as a body may hold them.
  if (!isObject(event) || event['action'] !== 'push') return [];
  const { data } = pushEvent.safeParse(event);
  if (data === undefined) return [];
  const { mediaType, repository, tag, digest } = data.target;
  const isManifest = Boolean(tag) || (mediaType != null && MANIFEST_TYPES.includes(mediaType));
  return isManifest ? [pushHint(repository, tag, digest)] : [];
}

function parse(request: WebhookWithBody): readonly PushHint[] {
  if (!CONTENT_TYPES.has(essenceOf(onlyHeader(request, 'content-type') ?? ''))) return [];
  const { data } = envelope.safeParse(parseWebhookJson(request.body));
  if (data === undefined) throw new LandfallError('WEBHOOK_MALFORMED', 'a webhook has no list of events');
  return (data.events ?? []).flatMap(hintOf);
}

/**
 * Notifications of CNCF distribution, and of registries built on it: a static `Authorization: Bearer <secret>`,
 * and an envelope of events.
 * @see https://distribution.github.io/distribution/about/notifications/
 */
export const distributionReceiver = ({ secret }: ReceiverOptions): Receiver => ({
  authenticate: (request) => isBearer(request, secret),
  parse,
});
