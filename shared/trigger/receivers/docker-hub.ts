import * as z from 'zod/mini';
import type { WebhookWithBody } from '../webhook.ts';
import { pushHint } from './hints/push-hint.ts';
import { parseWebhookJson, unreadablePush } from './hints/webhook-json.ts';
import type { PushHint, Receiver } from './receiver.ts';

/** `callback_url` is a leftover of Docker Hub's, and nothing that a sender chooses is ever called. */
const push = z.object({
  push_data: z.object({ tag: z.nullish(z.string()) }),
  repository: z.object({ repo_name: z.string() }),
});

function parse({ body }: WebhookWithBody): readonly PushHint[] {
  const { data } = push.safeParse(parseWebhookJson(body));
  if (data === undefined) throw unreadablePush('Docker Hub');
  return [pushHint(data.repository.repo_name, data.push_data.tag)];
}

/**
 * Docker Hub: signs nothing and sends no header of the user's, so that the path is the secret.
 * @see https://docs.docker.com/docker-hub/repos/manage/webhooks/
 */
export const dockerHubReceiver = (): Receiver => ({ authenticate: () => true, parse });
