import { LandfallError } from '../../../errors.ts';
import { parseUtf8Json } from '../../../kernel/json.ts';
import { essenceOf } from '../../../oci/media-types.ts';
import { onlyHeader, type WebhookWithBody } from '../../webhook.ts';

const malformed = (body: Uint8Array, wanted: string): LandfallError =>
  new LandfallError('WEBHOOK_MALFORMED', `a webhook's body of ${body.length} bytes is not ${wanted}`);

/** What is no webhook of the sender's, or a push that cannot be read: in its words, and none of what was sent. */
export const unreadablePush = (sender: string): LandfallError =>
  new LandfallError('WEBHOOK_MALFORMED', `a webhook is no push as ${sender} tells of one`, {
    hint: 'See whether the receiver has the type of who calls it.',
  });

/** @throws LandfallError WEBHOOK_MALFORMED, which never quotes what was sent */
export function parseWebhookJson(body: Uint8Array): unknown {
  const parsed = parseUtf8Json(body);
  if (parsed.ok) return parsed.value;
  throw malformed(body, 'JSON in UTF-8');
}

/**
 * The JSON of a sender that may wrap it in a form, as `payload`: GitHub, Gitea and Forgejo, by a setting of the hook.
 * A body that is no such form is given as it is.
 */
export function unwrapForm(request: WebhookWithBody): Uint8Array {
  const type = essenceOf(onlyHeader(request, 'content-type') ?? '');
  if (type !== 'application/x-www-form-urlencoded') return request.body;
  const payload = new URLSearchParams(Buffer.from(request.body).toString('utf8')).get('payload');
  return payload === null ? request.body : Buffer.from(payload, 'utf8');
}
