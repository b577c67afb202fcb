import { createHmac } from 'node:crypto';
import * as z from 'zod';
import { secret, secretOrText } from '../../credentials/secret-schema.ts';
import { CONTENT_TYPE_CHARACTERS, NOTIFY_TEMPLATE_CHARACTERS } from '../../limits.ts';
import type { Notification } from '../notification.ts';
import { providerFailure } from './answer.ts';
import type { Provider } from './provider.ts';
import { checkTemplate, filledIn } from './template.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

const isTemplate = (text: string): boolean => {
  try {
    checkTemplate(text);
    return true;
  } catch {
    return false;
  }
};

/** All of it, for whoever gives no template. */
const document = (notification: Notification): string => JSON.stringify({ version: '1', ...notification });

export const webhookSettings = z.object({
  url: secretOrText.meta({ description: 'http:// or https://' }),
  headers: z.record(z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/), secretOrText).exactOptional(),
  hmac: secret.exactOptional().meta({ description: 'Key of the signature in X-Signature: sha256=HEX' }),
  contentType: z.string().min(1).max(CONTENT_TYPE_CHARACTERS).exactOptional(),
  template: z
    .string()
    .min(1)
    .max(NOTIFY_TEMPLATE_CHARACTERS)
    .refine(isTemplate, { error: 'names a placeholder that there is not: see docs/notify.md#a-template' })
    .exactOptional()
    .meta({ description: 'The body, with {{title}} and the like' }),
});

/**
 * POSTs to an address of your own. `hmac` signs the body, as Flux's `generic-hmac` does, beside a time stamp and an id
 * by which a repeat is known.
 */
export const webhookProvider: Provider<typeof webhookSettings> = {
  type: 'webhook',
  send: async (notification, { url, headers: given = {}, hmac, contentType = JSON_TYPE, template }, deps) => {
    const address = await deps.secret(url);
    const headers: Record<string, string> = {
      'content-type': contentType,
      'x-landfall-id': notification.id.replace(/[^\x21-\x7e]/g, '_'),
    };
    for (const [name, value] of Object.entries(given)) headers[name.toLowerCase()] = await deps.secret(value);
    const body =
      template === undefined
        ? document(notification)
        : filledIn(template, notification, /\bjson\b/i.test(contentType));
    if (hmac !== undefined)
      headers['x-signature'] = `sha256=${createHmac('sha256', await deps.secret(hmac))
        .update(body)
        .digest('hex')}`;
    const answer = await deps.http({ method: 'POST', url: address, headers, body });
    if (answer.status < 200 || answer.status >= 300) throw providerFailure('webhook', address, answer);
  },
};
