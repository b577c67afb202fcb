import type { SQSRecord } from 'aws-lambda';
import { ecrHosts } from '../shared/aws/credentials/ecr-host.ts';
import { readMessage } from '../shared/aws/messages/sqs-queue.ts';
import { LandfallError } from '../shared/errors.ts';
import { isObject, type JsonObject, parseJson } from '../shared/kernel/json.ts';
import { formatSourceId, type SourceId } from '../shared/model/ids.ts';
import { DOCUMENTS_PREFIX } from '../shared/store/layout.ts';
import type { TriggerMessage } from '../shared/trigger/queue.ts';
import { ecrHintOf } from '../shared/trigger/receivers/hints/ecr-push.ts';
import type { PushHint } from '../shared/trigger/receivers/receiver.ts';
import { joinTriggers } from '../shared/trigger/reconcile-again.ts';
import { type Seen, whatWasSeen } from '../shared/trigger/what-was-seen.ts';

/** One message as the queue delivered it. */
export interface QueueRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  /** How often it has been received, this time included. */
  readonly receives: number;
}

/** What a batch comes to; each with the messages that are done when it is. */
export type Work = { readonly records: readonly QueueRecord[] } & (
  | { readonly kind: 'documents' }
  | { readonly kind: 'reconcile'; readonly message: TriggerMessage }
  | { readonly kind: 'sweep'; readonly sources: readonly SourceId[] }
  /** A push that ECR tells of, and what comes to the same. */
  | ({ readonly kind: 'push' } & EcrPush)
  /** An event that is none of ours to act on, such as a delete. */
  | { readonly kind: 'nothing'; readonly seen: Seen }
  | { readonly kind: 'malformed'; readonly error: LandfallError }
);

const malformed = (what: string): LandfallError =>
  new LandfallError('WEBHOOK_MALFORMED', `a message of the queue is ${what}`, {
    hint: 'Look at it in the dead-letter queue, and at who may send to the queue.',
  });

/** Where to look: every host that a source may have written for the registry, and what was pushed. */
interface EcrPush {
  readonly registries: readonly string[];
  readonly hint: PushHint;
}

const ACCOUNT = /^\d{12}$/;
const REGION = /^[a-z]{2}[a-z0-9-]{1,30}$/;

/**
 * Reads an event of `aws.ecr`. Account and region are the envelope's, which EventBridge fills in and no sender can:
 * those in the detail are where a replica came from. undefined: it means no reconcile.
 */
export function ecrPushOf(event: JsonObject): EcrPush | undefined {
  const { account, region } = event;
  if (typeof account !== 'string' || typeof region !== 'string') return undefined;
  if (!ACCOUNT.test(account) || !REGION.test(region)) return undefined;
  const hint = ecrHintOf(event);
  return hint && { registries: ecrHosts({ account, region }), hint };
}

/** An event of EventBridge: ECR's, or S3's about the documents. */
function workOfEvent(event: JsonObject, records: readonly QueueRecord[]): Work {
  const { source, detail } = event;
  const nothing = (): Work => ({ kind: 'nothing', seen: whatWasSeen(event), records });
  if (source === 'aws.ecr') {
    const push = ecrPushOf(event);
    return push === undefined ? nothing() : { kind: 'push', ...push, records };
  }
  if (source === 'aws.s3') {
    const object = isObject(detail) ? detail['object'] : undefined;
    const key = isObject(object) ? object['key'] : undefined;
    const isDocument = typeof key === 'string' && key.startsWith(DOCUMENTS_PREFIX);
    return isDocument ? { kind: 'documents', records } : nothing();
  }
  throw malformed('an event that Landfall has no rule for');
}

function parse(record: QueueRecord): Work {
  const records = [record];
  const parsed = parseJson(record.body);
  if (!parsed.ok)
    return { kind: 'malformed', error: malformed(`not JSON, in ${record.body.length} characters`), records };
  const { value: body } = parsed;
  try {
    if (!isObject(body)) throw malformed('no JSON object');
    return 'detail-type' in body ? workOfEvent(body, records) : { ...readMessage(body), records };
  } catch (error) {
    if (!(error instanceof LandfallError)) throw error;
    return { kind: 'malformed', error, records };
  }
}

/**
 * What a batch asks for, each once. Triggers of one source that were received together become one reconcile: it has not
 * begun, so it sees whatever any of them was sent for. None is thrown away that came later.
 */
export function workOf(records: readonly QueueRecord[]): readonly Work[] {
  const reconciles = new Map<string, Extract<Work, { kind: 'reconcile' }>>();
  const documents: QueueRecord[] = [];
  const others: Work[] = [];
  for (const work of records.map(parse)) {
    if (work.kind === 'documents') documents.push(...work.records);
    else if (work.kind === 'reconcile') {
      const id = formatSourceId(work.message);
      const known = reconciles.get(id);
      reconciles.set(id, {
        kind: 'reconcile',
        message: known === undefined ? work.message : joinTriggers(known.message, work.message),
        records: [...(known?.records ?? []), ...work.records],
      });
    } else others.push(work);
  }
  // What the documents say now is to be known to whatever is done after them.
  const first: readonly Work[] = documents.length > 0 ? [{ kind: 'documents', records: documents }] : [];
  return [...first, ...others, ...reconciles.values()];
}

export const recordOf = ({ messageId, receiptHandle, body, attributes }: SQSRecord): QueueRecord => ({
  messageId,
  receiptHandle,
  body,
  receives: Number(attributes.ApproximateReceiveCount),
});
