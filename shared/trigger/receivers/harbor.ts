import * as z from 'zod/mini';
import type { WebhookWithBody } from '../webhook.ts';
import { isAuthorization } from './auth/static-secret.ts';
import { distinctHints, pushHint } from './hints/push-hint.ts';
import { parseWebhookJson, unreadablePush } from './hints/webhook-json.ts';
import type { PushHint, Receiver, ReceiverOptions } from './receiver.ts';

/** Harbor 2's default format, Harbor 1's, and the CloudEvents one. */
const PUSHES: ReadonlySet<string> = new Set(['PUSH_ARTIFACT', 'pushImage', 'harbor.artifact.pushed']);

const repository = z.object({ repo_full_name: z.string() });
const eventData = z.object({ repository, resources: z.optional(z.nullable(z.array(z.unknown()))) });
const event = z.object({
  type: z.string(),
  event_data: z.optional(z.unknown()),
  data: z.optional(z.unknown()),
});
const resource = z.object({ tag: z.nullish(z.string()), digest: z.nullish(z.string()) });

/** Where Harbor names no resource that can be read, something in the repository was pushed all the same. */
function hintsOf(data: z.infer<typeof eventData>): readonly PushHint[] {
  const name = data.repository.repo_full_name;
  const read = (data.resources ?? []).flatMap((each) => resource.safeParse(each).data ?? []);
  if (read.length === 0) return [pushHint(name, undefined)];
  return distinctHints(read.map(({ tag, digest }) => pushHint(name, tag, digest)));
}

function parse({ body }: WebhookWithBody): readonly PushHint[] {
  const envelope = event.safeParse(parseWebhookJson(body)).data;
  if (envelope === undefined) throw unreadablePush('Harbor');
  if (!PUSHES.has(envelope.type)) return [];
  const { data } = eventData.safeParse(envelope.event_data ?? envelope.data);
  if (data === undefined) throw unreadablePush('Harbor');
  return hintsOf(data);
}

/**
 * Harbor, in both formats of its webhook policies: a static `Authorization`, whatever the policy has for it.
 * @see https://goharbor.io/docs/main/working-with-projects/project-configuration/configure-webhooks/
 */
export const harborReceiver = ({ secret }: ReceiverOptions): Receiver => ({
  authenticate: (request) => isAuthorization(request, secret),
  parse,
});
