import { onlyHeader, type WebhookWithBody } from '../../webhook.ts';
import { type Seen, whatWasSeen } from '../../what-was-seen.ts';
import type { Receiver } from '../receiver.ts';
import { parseWebhookJson, unwrapForm } from './webhook-json.ts';

/** Headers that senders tell the kind of an event by. */
const KIND_HEADERS = [
  ...['x-github-event', 'x-gitea-event', 'x-forgejo-event', 'x-gitlab-event', 'x-nexus-webhook-id'],
  ...['ce-type', 'aeg-event-type', 'content-type'],
];

/** What the log may say of an authentic request that is no push. It never throws. */
export function seenInWebhook(webhook: WebhookWithBody, receiver: Pick<Receiver, 'said'>): Seen {
  const headers = Object.fromEntries(
    KIND_HEADERS.flatMap((name) => {
      const [value = ''] = (onlyHeader(webhook, name) ?? '').split(';', 1);
      return value === '' || value === 'application/json' ? [] : [[name, value]];
    }),
  );
  try {
    const said = receiver.said?.(webhook) ?? parseWebhookJson(unwrapForm(webhook));
    return whatWasSeen(said, headers);
  } catch {
    return { ...whatWasSeen(undefined, headers), keys: `no JSON, ${webhook.body.length} bytes` };
  }
}
