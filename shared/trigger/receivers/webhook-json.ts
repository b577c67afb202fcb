import { LandfallError } from '../../errors.ts';

/** @throws LandfallError WEBHOOK_MALFORMED, which never quotes what was sent */
export function parseWebhookJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown;
  } catch {
    throw new LandfallError(
      'WEBHOOK_MALFORMED',
      `a webhook's body of ${body.length} bytes is not JSON in UTF-8`,
    );
  }
}
