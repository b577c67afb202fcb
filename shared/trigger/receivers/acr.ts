import { isAuthorization } from './auth/static-secret.ts';
import { acrPushHints } from './hints/acr-push.ts';
import { parseWebhookJson } from './hints/webhook-json.ts';
import type { Receiver, ReceiverOptions } from './receiver.ts';

/** A webhook of Azure's registry itself: it signs nothing, and sends the header that it was given. */
export const acrReceiver = ({ secret }: ReceiverOptions): Receiver => ({
  authenticate: (request) => isAuthorization(request, secret),
  parse: ({ body }) => acrPushHints(parseWebhookJson(body)),
});
