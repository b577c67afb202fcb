import { createHash } from 'node:crypto';
import { asLandfallError, type ErrorCode } from '../shared/errors.ts';
import type { CallOptions } from '../shared/kernel/call-options.ts';
import { WEBHOOK_BODY_BYTES } from '../shared/limits.ts';
import type { Log } from '../shared/log.ts';
import type { SourceId } from '../shared/model/ids.ts';
import type { LoggedOnce } from '../shared/trigger/logged-once.ts';
import type { SourceMatcher } from '../shared/trigger/match-sources.ts';
import { enqueueSources, type TriggerQueue } from '../shared/trigger/queue.ts';
import { seenInWebhook } from '../shared/trigger/receivers/hints/seen-in-webhook.ts';
import type { OpenedReceivers, OpenReceiver } from '../shared/trigger/receivers/open-receiver.ts';
import {
  onlyHeader,
  type Webhook,
  type WebhookAnswer,
  type WebhookWithBody,
} from '../shared/trigger/webhook.ts';
import type { Seen } from '../shared/trigger/what-was-seen.ts';

/** Receivers by their path. Looked up by its hash, so that no time tells how much of a guess was right. */
export interface ReceiverTable {
  /** False: there are more, whose paths are not known for now. */
  readonly isWhole: boolean;
  find(path: string): OpenReceiver | undefined;
}

/** What became of a webhook, for logs and metrics: nothing in it comes from the sender but what `seen` lets through. */
export interface Received {
  readonly receiver: string;
  readonly status: number;
  readonly sources: readonly SourceId[];
  readonly code?: ErrorCode;
  readonly why?: string;
  /** Of what is authentic, and no push: of which kind it says it is. */
  readonly seen?: Seen;
}

export interface ReceiveDeps extends CallOptions {
  readonly receivers: ReceiverTable;
  readonly sources: SourceMatcher;
  readonly queue: TriggerQueue;
  readonly onReceived?: (received: Received) => void;
}

const ACCEPTED: WebhookAnswer = { status: 202, body: 'accepted\n' };
const UNAUTHENTICATED: WebhookAnswer = {
  status: 401,
  headers: { 'www-authenticate': 'Bearer' },
  body: 'unauthorized\n',
};
const NOT_FOUND: WebhookAnswer = { status: 404, body: 'not found\n' };
const TOO_LARGE: WebhookAnswer = { status: 413, body: 'too large\n' };
const UNAVAILABLE: WebhookAnswer = { status: 503, headers: { 'retry-after': '1' }, body: 'try again\n' };
/** Some senders never come again after a 404. */
const NOT_KNOWN_YET: WebhookAnswer = { ...UNAVAILABLE, headers: { 'retry-after': '5' } };

const hashOf = (path: string): string => createHash('sha256').update(path).digest('hex');

/** A closed one that will open by itself leaves the table less than whole. */
export function receiverTable({ receivers, closed }: OpenedReceivers): ReceiverTable {
  const byHash = new Map(receivers.map((receiver) => [hashOf(receiver.path), receiver]));
  const isWhole = closed.every(({ error }) => error.kind === 'permanent');
  return { isWhole, find: (path) => byHash.get(hashOf(path.split('?', 1)[0] ?? '')) };
}

const POST: readonly string[] = ['POST'];

/**
 * Answers from the head alone where that is enough (404, 413, 503), so that a listener need not read a body for it.
 * undefined: read the body and call receive.
 */
export function refuseHead(
  webhook: Webhook,
  { receivers }: Pick<ReceiveDeps, 'receivers'>,
): WebhookAnswer | undefined {
  const receiver = receivers.find(webhook.path);
  if (receiver === undefined) return receivers.isWhole ? NOT_FOUND : NOT_KNOWN_YET;
  if (!(receiver.methods ?? POST).includes(webhook.method)) return NOT_FOUND;
  return Number(onlyHeader(webhook, 'content-length') ?? 0) > WEBHOOK_BODY_BYTES ? TOO_LARGE : undefined;
}

/** What a webhook is answered, and what of it goes to logs and metrics. */
interface Outcome extends Omit<Received, 'receiver' | 'status'> {
  readonly answer: WebhookAnswer;
}

/** undefined: it is authentic. */
async function refuseSender(webhook: WebhookWithBody, receiver: OpenReceiver): Promise<Outcome | undefined> {
  try {
    if (await receiver.authenticate(webhook)) return undefined;
    return { answer: UNAUTHENTICATED, sources: [], code: 'WEBHOOK_UNAUTHENTICATED' };
  } catch (error) {
    const { code, message: why } = asLandfallError(error);
    if (code === 'WEBHOOK_UNAUTHENTICATED') return { answer: UNAUTHENTICATED, sources: [], code, why };
    // It could not be said, such as without the keys of an issuer: the sender is to come back.
    return { answer: UNAVAILABLE, sources: [], code, why };
  }
}

async function accept(
  webhook: WebhookWithBody,
  receiver: OpenReceiver,
  { sources: matcher, queue, signal }: ReceiveDeps,
): Promise<Outcome> {
  let sources: readonly SourceId[] = [];
  try {
    const answer = receiver.answer?.(webhook);
    if (answer !== undefined) return { answer, sources };
    if (webhook.method !== 'POST') return { answer: NOT_FOUND, sources };
    const hints = receiver.parse(webhook);
    if (hints.length === 0) return { answer: ACCEPTED, sources, seen: seenInWebhook(webhook, receiver) };
    sources = matcher.match(hints, receiver);
  } catch (error) {
    // Senders repeat for ever, or give up for good, when they are told of a body we do not understand.
    const seen = seenInWebhook(webhook, receiver);
    return { answer: ACCEPTED, sources, code: asLandfallError(error).code, seen };
  }
  try {
    await enqueueSources(sources, 'webhook', queue, { signal });
    return { answer: ACCEPTED, sources };
  } catch (error) {
    return { answer: UNAVAILABLE, sources, code: asLandfallError(error).code };
  }
}

/**
 * Takes a webhook: authenticates its raw bytes, parses it, maps it to configured sources and enqueues them. Whatever
 * is authentic gets the same 202, whether it names a source of ours or not; a handshake gets its own answer. It never
 * throws.
 */
export async function receive(webhook: WebhookWithBody, deps: ReceiveDeps): Promise<WebhookAnswer> {
  const refused = refuseHead(webhook, deps);
  const receiver = deps.receivers.find(webhook.path);
  if (refused !== undefined || receiver === undefined) return refused ?? NOT_FOUND;
  const { answer, ...received }: Outcome =
    webhook.body.length > WEBHOOK_BODY_BYTES
      ? { answer: TOO_LARGE, sources: [], code: 'WEBHOOK_TOO_LARGE' }
      : ((await refuseSender(webhook, receiver)) ?? (await accept(webhook, receiver, deps)));
  deps.onReceived?.({ receiver: receiver.entry.name, status: answer.status, ...received });
  return answer;
}

/**
 * Logs what a receiver was sent that is authentic and no push, so that whoever set it up sees why nothing happens: a
 * ping, an event that was not asked for, a form that is not known here. Each kind once an hour.
 */
export function reportUnread(log: Log, { receiver, code, seen }: Received, logged: LoggedOnce): void {
  if (seen === undefined) return;
  const turn = logged.take([receiver, code, seen.says, seen.keys].join('\n'));
  if (turn === 'logged') return;
  const more = turn === 'last' ? 'others are not told of for an hour' : undefined;
  log('info', 'webhook is no push', { receiver, code, ...seen, more });
}
