import { createHmac } from 'node:crypto';
import * as z from 'zod/mini';
import { onlyHeader, type WebhookWithBody } from '../webhook.ts';
import { equalsInConstantTime } from './auth/constant-time.ts';
import { distinctHints, pushHint } from './hints/push-hint.ts';
import { parseWebhookJson } from './hints/webhook-json.ts';
import type { PushHint, Receiver, ReceiverOptions } from './receiver.ts';

/** The one sender that has nothing better than SHA-1, which as an HMAC still holds. Nowhere else is it taken. */
function isSigned(request: WebhookWithBody, secret: string): boolean {
  const given = onlyHeader(request, 'x-nexus-webhook-signature');
  const wanted = createHmac('sha1', secret).update(request.body).digest('hex');
  return given !== undefined && equalsInConstantTime(given, wanted);
}

const ACTIONS: ReadonlySet<string> = new Set(['CREATED', 'UPDATED']);

const event = z.object({
  action: z.string(),
  repositoryName: z.string(),
  component: z.optional(z.unknown()),
  asset: z.optional(z.unknown()),
});
const component = z.object({ format: z.literal('docker'), name: z.string(), version: z.string() });
const asset = z.object({ format: z.literal('docker'), name: z.string() });

interface Pushed {
  readonly name: string;
  readonly reference: string;
}

/** An asset is called as it is fetched: `v2/team/app/manifests/1.0`. Blobs are no pushes of ours. */
function pushedAsset(value: unknown): Pushed | undefined {
  const [, name, reference] =
    /^\/?v2\/(.+)\/manifests\/([^/]+)$/.exec(asset.safeParse(value).data?.name ?? '') ?? [];
  return name === undefined || reference === undefined ? undefined : { name, reference };
}

function pushedComponent(value: unknown): Pushed | undefined {
  const { data } = component.safeParse(value);
  return data && { name: data.name, reference: data.version };
}

/** With a port of its own a repository of Nexus is not in the path, by its path it is: sources may be written either way. */
function parse({ body }: WebhookWithBody): readonly PushHint[] {
  const { data } = event.safeParse(parseWebhookJson(body));
  if (data === undefined || !ACTIONS.has(data.action)) return [];
  const pushed = pushedComponent(data.component) ?? pushedAsset(data.asset);
  if (pushed === undefined) return [];
  const names = [pushed.name, `${data.repositoryName}/${pushed.name}`];
  return distinctHints(names.map((name) => pushHint(name, pushed.reference)));
}

/**
 * Sonatype Nexus 3, by a webhook of a repository for components or assets: HMAC-SHA1 over the body.
 * @see https://help.sonatype.com/en/working-with-hmac-payloads.html
 */
export const nexusReceiver = ({ secret }: ReceiverOptions): Receiver => ({
  authenticate: (request) => isSigned(request, secret),
  parse,
});
