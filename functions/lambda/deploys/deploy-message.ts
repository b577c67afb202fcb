import type { LedgerId } from '../../../shared/deploy/ledger/ledger.ts';
import { LandfallError } from '../../../shared/errors.ts';
import { isObject, parseJson, parseObject } from '../../../shared/kernel/json.ts';
import type { RevisionChangedEvent } from '../../../shared/model/envelope.ts';
import { formatSourceId, type SourceId } from '../../../shared/model/ids.ts';
import { parseEvent } from '../../../shared/model/parse-event.ts';

/** What a message of a deploy's queue is. */
export type DeployMessage =
  | { readonly kind: 'event'; readonly event: RevisionChangedEvent }
  /** The schedule: see whether what is current is applied. */
  | { readonly kind: 'look' }
  /** The target's own event, that of a deploy which this one waits for, or of another source which it uses: look now. */
  | { readonly kind: 'woken' }
  /** What this function sent itself: the run that it is for is due. */
  | { readonly kind: 'due'; readonly runId: string };

const DUE = 'deploy due';
const WOKEN = 'deploy woken';

/** A message for this function itself, some time later: where it has several deploys, for one of them. */
export const formatDueMessage = (runId: string, { deploy, ...source }: LedgerId): string =>
  JSON.stringify({ landfall: DUE, runId, deploy, source: formatSourceId(source) });

/** The same for what an event of a target woke: it looks at once, whenever it is due. */
export const formatWokenMessage = ({ deploy, ...source }: LedgerId): string =>
  JSON.stringify({ landfall: WOKEN, deploy, source: formatSourceId(source) });

/** Which deploy a message of this function itself is for; undefined: it is another's. */
export function messageFor(body: string): LedgerId | undefined {
  const { landfall, deploy, source } = parseObject(body) ?? {};
  if ((landfall !== DUE && landfall !== WOKEN) || typeof deploy !== 'string' || typeof source !== 'string')
    return undefined;
  const [namespace = '', name = ''] = source.split('/');
  return { deploy, namespace, name };
}

/** Runs of messages by which the schedule has each of many deploys look. */
export const LOOK = 'look';

/** Runs of messages that have what a deploy left taken away. */
export const GONE = 'gone';

/** Whether it asks for a removal: none is begun by what was sent while the deploy was in a document. */
export function isOfGone(body: string): boolean {
  const { landfall, runId } = parseObject(body) ?? {};
  return landfall === DUE && runId === GONE;
}

const malformed = (why: string): LandfallError =>
  new LandfallError('WEBHOOK_MALFORMED', `a message of the deploy's queue is ${why}`, {
    hint: 'Look at it in the dead-letter queue, and at who may send to the queue.',
  });

/**
 * @param of the deploy's own source; default: whatever an event names
 * @throws LandfallError WEBHOOK_MALFORMED
 */
export function readDeployMessage(body: string, of?: SourceId): DeployMessage {
  const json = parseJson(body);
  if (!json.ok) throw malformed(`not JSON, in ${body.length} characters`);
  const message = json.value;
  if (!isObject(message)) throw malformed('no JSON object');
  if (message['source'] === 'aws.events' && message['detail-type'] === 'Scheduled Event')
    return { kind: 'look' };
  const { source, runId } = message;
  if (message['landfall'] === WOKEN) return { kind: 'woken' };
  // The schedule of a function of many deploys, for one of them.
  if (message['landfall'] === DUE && runId === LOOK) return { kind: 'look' };
  if (message['landfall'] === DUE && typeof runId === 'string') return { kind: 'due', runId };
  // Whoever may send to the queue may have it look, and no more: what it sees is what counts.
  if (typeof source === 'string' && source.startsWith('aws.')) return { kind: 'woken' };
  const read = parseEvent(message);
  if (!read.ok) throw malformed(`no event of ours: ${read.why}`);
  if (read.data['detail-type'] === 'Deploy Succeeded') return { kind: 'woken' };
  if (read.data['detail-type'] !== 'Artifact Revision Changed') throw malformed('no event of a new revision');
  const isOfAnother = of !== undefined && formatSourceId(read.data.detail) !== formatSourceId(of);
  return isOfAnother ? { kind: 'woken' } : { kind: 'event', event: read.data };
}
