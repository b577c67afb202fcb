import type { Refusal } from './refusal.ts';

/** A whole response, as a value: what an endpoint answers and what a fault may bend before it is sent. */
export interface Reply {
  readonly status: number;
  readonly headers: ReplyHeaders;
  readonly body: Buffer;
}

/** Sent as they stand, in this order. An array is the header several times. */
export type ReplyHeaders = Readonly<Record<string, string | readonly string[]>>;

const NOTHING = Buffer.alloc(0);

export const reply = (status: number, headers: ReplyHeaders = {}, body: Buffer = NOTHING): Reply => ({
  status,
  headers,
  body,
});

export const replyJson = (status: number, value: unknown, headers: ReplyHeaders = {}): Reply =>
  reply(status, { 'Content-Type': 'application/json', ...headers }, Buffer.from(JSON.stringify(value)));

/** An error as every registry words it. @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes */
export const refuse = (status: number, code: Refusal, message: string, headers: ReplyHeaders = {}): Reply =>
  replyJson(status, { errors: [{ code, message }] }, headers);
