import { ecrHosts } from '../shared/aws/credentials/ecr-host.ts';
import { readMessage } from '../shared/aws/messages/trigger-message.ts';
import { LandfallError } from '../shared/errors.ts';
import { DOCUMENTS_PREFIX, formatSourceId, type SourceId } from '../shared/store/layout.ts';
import { joinTriggers } from '../shared/trigger/look-again.ts';
import type { TriggerMessage } from '../shared/trigger/queue.ts';
import type { PushHint } from '../shared/trigger/receivers/receiver.ts';

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
  | { readonly kind: 'look'; readonly message: TriggerMessage }
  | { readonly kind: 'sweep'; readonly sources: readonly SourceId[] }
  /** A push that ECR tells of: every host that a source may have written for its registry. */
  | { readonly kind: 'push'; readonly registries: readonly string[]; readonly hint: PushHint }
  /** An event that is none of ours to act on, such as a delete. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'malformed'; readonly error: LandfallError }
);

type Json = Readonly<Record<string, unknown>>;

const isMap = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const malformed = (what: string): LandfallError =>
  new LandfallError('WEBHOOK_MALFORMED', `a message of the queue is ${what}`, {
    hint: 'Look at it in the dead-letter queue, and at who may send to the queue.',
  });

/** @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html */
function pushOf({
  account,
  region,
  detail,
}: Json): Omit<Extract<Work, { kind: 'push' }>, 'records'> | undefined {
  if (!isMap(detail) || typeof account !== 'string' || typeof region !== 'string') return undefined;
  const {
    'repository-name': repository,
    'image-tag': tag,
    result,
    'sync-status': synced,
    'action-type': action,
  } = detail;
  if (typeof repository !== 'string' || (result ?? synced) !== 'SUCCESS') return undefined;
  if (action !== undefined && action !== 'PUSH') return undefined;
  return {
    kind: 'push',
    registries: ecrHosts({ account, region }),
    hint: { repository, ...(typeof tag === 'string' && { tag }) },
  };
}

const ECR_TYPES: readonly unknown[] = [
  'ECR Image Action',
  'ECR Pull Through Cache Action',
  'ECR Replication Action',
];

/** An event of EventBridge: ECR's, or S3's about the documents. */
function workOfEvent(event: Json, records: readonly QueueRecord[]): Work {
  const { source, 'detail-type': type, detail } = event;
  if (source === 'aws.ecr' && ECR_TYPES.includes(type)) {
    const push = pushOf(event);
    return push === undefined ? { kind: 'nothing', records } : { ...push, records };
  }
  if (source === 'aws.s3') {
    const object = isMap(detail) ? detail['object'] : undefined;
    const key = isMap(object) ? object['key'] : undefined;
    const isDocument = typeof key === 'string' && key.startsWith(DOCUMENTS_PREFIX);
    return { kind: isDocument ? 'documents' : 'nothing', records };
  }
  throw malformed('an event that Landfall has no rule for');
}

function parse(record: QueueRecord): Work {
  const records = [record];
  let body: unknown;
  try {
    body = JSON.parse(record.body) as unknown;
  } catch {
    return { kind: 'malformed', error: malformed(`not JSON, in ${record.body.length} characters`), records };
  }
  try {
    if (!isMap(body)) throw malformed('no JSON object');
    return 'detail-type' in body ? workOfEvent(body, records) : { ...readMessage(body), records };
  } catch (error) {
    if (!(error instanceof LandfallError)) throw error;
    return { kind: 'malformed', error, records };
  }
}

/**
 * What a batch asks for, each once. Triggers of one source that were received together become one look: it has not
 * begun, so it sees whatever any of them was sent for. None is thrown away that came later.
 */
export function workOf(records: readonly QueueRecord[]): readonly Work[] {
  const looks = new Map<string, Extract<Work, { kind: 'look' }>>();
  const documents: QueueRecord[] = [];
  const others: Work[] = [];
  for (const work of records.map(parse)) {
    if (work.kind === 'documents') documents.push(...work.records);
    else if (work.kind === 'look') {
      const id = formatSourceId(work.message);
      const known = looks.get(id);
      looks.set(id, {
        kind: 'look',
        message: known === undefined ? work.message : joinTriggers(known.message, work.message),
        records: [...(known?.records ?? []), ...work.records],
      });
    } else others.push(work);
  }
  // What the documents say now is to be known to whatever is done after them.
  const first: readonly Work[] = documents.length > 0 ? [{ kind: 'documents', records: documents }] : [];
  return [...first, ...others, ...looks.values()];
}
