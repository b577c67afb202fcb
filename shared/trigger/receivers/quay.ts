import * as z from 'zod/mini';
import { isObject } from '../../kernel/json.ts';
import type { WebhookWithBody } from '../webhook.ts';
import { pushHint } from './hints/push-hint.ts';
import { parseWebhookJson } from './hints/webhook-json.ts';
import type { PushHint, Receiver } from './receiver.ts';

/** A push is what has `updated_tags`: builds, scans and mirrors come in other forms, and no field names the event. */
const push = z.object({ repository: z.string(), updated_tags: z.unknown() });

/** A list; as Quay wrote them at first, each tag with the id of its image. */
function tagsIn(told: unknown): readonly unknown[] {
  if (Array.isArray(told)) return told;
  const images = isObject(told) ? Object.entries(told) : [];
  return images.flatMap(([tag, image]) => (typeof image === 'string' ? [tag] : []));
}

function parse({ body }: WebhookWithBody): readonly PushHint[] {
  const { data } = push.safeParse(parseWebhookJson(body));
  if (data === undefined) return [];
  const tags = new Set(tagsIn(data.updated_tags).filter((tag) => typeof tag === 'string'));
  return Array.from(tags, (tag) => pushHint(data.repository, tag));
}

/**
 * Quay and quay.io: sign nothing, so that the path is the secret. Three answers that are not 2xx, retries included,
 * and Quay switches the notification off.
 * @see https://docs.redhat.com/en/documentation/red_hat_quay/3/html/use_red_hat_quay/repository-notifications
 */
export const quayReceiver = (): Receiver => ({ authenticate: () => true, parse });
