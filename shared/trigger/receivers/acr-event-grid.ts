import * as z from 'zod/mini';
import type { EntraOptions } from '../../source/receiver-entry.ts';
import { entraIssuer } from '../jwt/issuers.ts';
import type { Claims } from '../jwt/jwt.ts';
import { onlyHeader, type WebhookAnswer, type WebhookWithBody } from '../webhook.ts';
import { jwtBearer } from './auth/jwt-bearer.ts';
import { isInHeader } from './auth/static-secret.ts';
import { acrPushHints } from './hints/acr-push.ts';
import { distinctHints } from './hints/push-hint.ts';
import { parseWebhookJson } from './hints/webhook-json.ts';
import type { PushHint, Receiver, ReceiverOptions } from './receiver.ts';

const SECRET_HEADER = 'x-landfall-secret';
const PUSHES: ReadonlySet<unknown> = new Set([
  'Microsoft.ContainerRegistry.ImagePushed',
  'Microsoft.ContainerRegistry.ChartPushed',
]);

/** One event: `eventType` is of Event Grid's own schema, `type` of CloudEvents. */
const event = z.object({
  eventType: z.optional(z.unknown()),
  type: z.optional(z.unknown()),
  data: z.optional(z.unknown()),
});
const validation = z.object({
  eventType: z.literal('Microsoft.EventGrid.SubscriptionValidationEvent'),
  data: z.object({ validationCode: z.string().check(z.regex(/^[\x21-\x7e]{1,512}$/)) }),
});
/** As it stands in a header that is echoed. */
const ORIGIN = /^[A-Za-z0-9.-]{1,255}$/;

/** Both come before a subscription is there, and without its header: who finds the path may have them. */
const isHandshake = (request: WebhookWithBody): boolean =>
  request.method === 'OPTIONS' || onlyHeader(request, 'aeg-event-type') === 'SubscriptionValidation';

/** Its own schema comes as a list, CloudEvents one by one or as a list. */
function eventsOf({ body }: WebhookWithBody): readonly unknown[] {
  const parsed = parseWebhookJson(body);
  return Array.isArray(parsed) ? parsed : [parsed];
}

/** @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/http-webhook.md#42-validation-response */
function allowOrigin(request: WebhookWithBody): WebhookAnswer | undefined {
  const origin = onlyHeader(request, 'webhook-request-origin') ?? '';
  if (!ORIGIN.test(origin)) return undefined;
  return {
    status: 200,
    headers: { allow: 'POST', 'webhook-allowed-origin': origin, 'webhook-allowed-rate': '*' },
  };
}

/** Says the code back, which needs no call to the URL that comes with it. */
function answer(request: WebhookWithBody): WebhookAnswer | undefined {
  if (!isHandshake(request)) return undefined;
  if (request.method === 'OPTIONS') return allowOrigin(request);
  const { data } = validation.safeParse(eventsOf(request)[0]);
  if (data === undefined) return undefined;
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ validationResponse: data.data.validationCode }),
  };
}

function parse(request: WebhookWithBody): readonly PushHint[] {
  if (isHandshake(request)) return [];
  return distinctHints(
    eventsOf(request).flatMap((each) => {
      const { data } = event.safeParse(each);
      return data !== undefined && PUSHES.has(data.eventType ?? data.type) ? acrPushHints(data.data) : [];
    }),
  );
}

/** What Event Grid calls itself in every tenant of Azure's public cloud. */
const EVENT_GRID = '4962773b-9cdb-44cf-a8bf-237846a00ab7';

/**
 * A token that Entra made for the subscription; of its first version `appid` says for whom, of the second `azp`.
 * @see https://learn.microsoft.com/azure/event-grid/secure-webhook-delivery
 */
function entraBearer(
  { tenant, audience, application = EVENT_GRID }: EntraOptions,
  { keys, clock }: ReceiverOptions,
): Receiver['authenticate'] {
  const accepts = ({ appid, azp }: Claims): boolean => (appid ?? azp) === application;
  return jwtBearer({ issuer: entraIssuer(tenant), audience, accepts }, { keys, clock });
}

/**
 * Events of Azure's registry by Event Grid, in its own schema and in CloudEvents: the secret is a delivery property,
 * or Entra signs a token; and the handshake is answered.
 * @see https://learn.microsoft.com/azure/event-grid/end-point-validation-event-grid-events-schema
 */
export function acrEventGridReceiver(options: ReceiverOptions<'acr-event-grid'>): Receiver {
  const { entry, secret } = options;
  const isSender: Receiver['authenticate'] =
    entry.entra === undefined
      ? (request) => isInHeader(request, SECRET_HEADER, secret)
      : entraBearer(entry.entra, options);
  return {
    methods: ['POST', 'OPTIONS'],
    authenticate: (request) => isHandshake(request) || isSender(request),
    answer,
    parse,
  };
}
