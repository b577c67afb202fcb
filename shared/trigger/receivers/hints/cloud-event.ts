import * as z from 'zod/mini';
import { essenceOf } from '../../../oci/media-types.ts';
import { onlyHeader, type WebhookWithBody } from '../../webhook.ts';
import { parseWebhookJson } from './webhook-json.ts';

export interface CloudEvent {
  readonly type: string;
  readonly data: unknown;
}

const structured = z.object({
  specversion: z.string(),
  type: z.string(),
  data: z.optional(z.unknown()),
  data_base64: z.nullish(z.string()),
});

function eventIn(value: unknown): readonly CloudEvent[] {
  const { data: event } = structured.safeParse(value);
  if (event === undefined) return [];
  const { type, data, data_base64 } = event;
  return [
    {
      type,
      data: typeof data_base64 === 'string' ? parseWebhookJson(Buffer.from(data_base64, 'base64')) : data,
    },
  ];
}

/**
 * The events of a request: one in its headers and body (binary), one in the body (structured), or a list of those.
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
 * @throws LandfallError WEBHOOK_MALFORMED
 */
export function cloudEventsOf(request: WebhookWithBody): readonly CloudEvent[] {
  const body = parseWebhookJson(request.body);
  const type = onlyHeader(request, 'ce-type');
  const contentType = essenceOf(onlyHeader(request, 'content-type') ?? '');
  if (type !== undefined && !contentType.startsWith('application/cloudevents')) return [{ type, data: body }];
  return Array.isArray(body) ? body.flatMap(eventIn) : eventIn(body);
}
