import { withHeaders } from '../quirk.ts';
import { type Reply, reply } from '../reply.ts';
import type { Cutoff, FaultEffect } from './fault.ts';

/** How a reply leaves: whole, or not. */
export type Delivery =
  | { readonly kind: 'whole' }
  | { readonly kind: 'stall'; readonly at: Cutoff }
  | { readonly kind: 'cut'; readonly at: Cutoff; readonly reset: boolean }
  | { readonly kind: 'raw'; readonly bytes: Buffer };

const WHOLE: Delivery = { kind: 'whole' };

const toBytes = (content: string | Uint8Array): Buffer => Buffer.from(content as Uint8Array);

function statusReply(effect: FaultEffect & { readonly kind: 'status' }): Reply {
  const { retryAfter, status } = effect;
  const wait = retryAfter instanceof Date ? retryAfter.toUTCString() : retryAfter?.toString();
  const body = toBytes(effect.body ?? JSON.stringify({ errors: [{ code: 'UNKNOWN', message: 'scripted' }] }));
  const type = effect.body === undefined ? 'application/json' : 'text/plain';
  const headers = { 'Content-Type': type, ...(wait !== undefined && { 'Retry-After': wait }) };
  return reply(status, withHeaders(headers, effect.headers ?? {}), body);
}

function flipMiddleBit(body: Buffer): Buffer {
  const changed = Buffer.from(body);
  const middle = changed.length >> 1;
  if (changed.length > 0) changed.writeUInt8(changed.readUInt8(middle) ^ 1, middle);
  return changed;
}

/** The reply as the effect leaves it. */
export function bend(given: Reply, effect: FaultEffect): Reply {
  const { status, headers, body } = given;
  switch (effect.kind) {
    case 'status':
      return statusReply(effect);
    case 'redirect':
      return reply(effect.status, { Location: effect.location });
    case 'headers':
      return { status, headers: withHeaders(headers, effect.headers), body };
    case 'body': {
      const type = effect.contentType === undefined ? {} : { 'Content-Type': effect.contentType };
      return { status, headers: withHeaders(headers, type), body: toBytes(effect.body) };
    }
    case 'corrupt':
      return { status, headers, body: flipMiddleBit(body) };
    case 'extra':
      return { status, headers, body: Buffer.concat([body, toBytes(effect.bytes)]) };
    case 'truncate':
      return { status, headers, body: body.subarray(0, body.length >> 1) };
    default:
      return given;
  }
}

/** The last effect that says how the reply leaves decides. */
export function deliveryOf(effects: readonly FaultEffect[]): Delivery {
  let delivery = WHOLE;
  for (const effect of effects) {
    if (effect.kind === 'raw') delivery = { kind: 'raw', bytes: toBytes(effect.bytes) };
    if (effect.kind === 'stall') delivery = { kind: 'stall', at: effect.at };
    if (effect.kind === 'cut') delivery = { kind: 'cut', at: effect.at, reset: effect.reset === true };
  }
  return delivery;
}
