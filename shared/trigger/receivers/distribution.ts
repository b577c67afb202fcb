import * as z from 'zod/mini';
import { LandfallError } from '../../errors.ts';
import { essenceOf, MANIFEST_TYPES } from '../../oci/media-types.ts';
import { onlyHeader, type WebhookWithBody } from '../webhook.ts';
import type { PushHint, Receiver, ReceiverOptions } from './receiver.ts';
import { isBearer } from './static-secret.ts';
import { parseWebhookJson } from './webhook-json.ts';

const CONTENT_TYPES: ReadonlySet<string> = new Set([
  'application/vnd.docker.distribution.events.v2+json',
  'application/vnd.docker.distribution.events.v1+json',
  'application/json',
]);

const envelope = z.object({ events: z.array(z.unknown()) });

/** Only what is used. The host in `request` and `target.url` is whatever the pushing client called the registry. */
const pushEvent = z.object({
  action: z.literal('push'),
  target: z.object({
    mediaType: z.optional(z.string()),
    repository: z.string(),
    tag: z.optional(z.string()),
    digest: z.optional(z.string()),
  }),
});

/** Pulls, deletes, mounts and blobs are no pushes of ours; a broken event does not spoil the others. */
function hintOf(event: unknown): readonly PushHint[] {
  const { data } = pushEvent.safeParse(event);
  if (data === undefined) return [];
  const { mediaType, repository, tag, digest } = data.target;
  const isManifest = mediaType === undefined ? tag !== undefined : MANIFEST_TYPES.includes(mediaType);
  if (!isManifest) return [];
  return [{ repository, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) }];
}

function parse(request: WebhookWithBody): readonly PushHint[] {
  if (!CONTENT_TYPES.has(essenceOf(onlyHeader(request, 'content-type') ?? ''))) return [];
  const { data } = envelope.safeParse(parseWebhookJson(request.body));
  if (data === undefined) throw new LandfallError('WEBHOOK_MALFORMED', 'a webhook has no list of events');
  return data.events.flatMap(hintOf);
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
