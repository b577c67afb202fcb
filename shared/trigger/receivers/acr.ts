import { acrPushHints } from './acr-push.ts';
import type { Receiver, ReceiverOptions } from './receiver.ts';
import { isAuthorization } from './static-secret.ts';
import { parseWebhookJson } from './webhook-json.ts';

/** A webhook of Azure's registry itself: it signs nothing, and sends the header that it was given. */
export const acrReceiver = ({ secret }: ReceiverOptions): Receiver => ({
  authenticate: (request) => isAuthorization(request, secret),
  parse: ({ body }) => acrPushHints(parseWebhookJson(body)),
});
