import assert from 'node:assert/strict';
import { isForAll, isOfTarget } from '../../../functions/lambda/deploys/deploy-looks.ts';
import {
  formatDueMessage,
  formatWokenMessage,
  isOfGone,
  messageFor,
  readDeployMessage,
} from '../../../functions/lambda/deploys/deploy-message.ts';
import { workOf } from '../../../functions/queue-work.ts';
import { formatMessage } from '../../../shared/aws/messages/sqs-queue.ts';
import { revisionChangedEvent } from '../../../shared/event/revision-changed.ts';
import { sampleChange } from '../../event/samples.ts';
import { ecrSamples } from '../../support/ecr-events.ts';
import { type FuzzTarget, taken } from '../engine/fuzz-target.ts';

const PLACE = { account: '123456789012', region: 'eu-central-1', repository: 'team/app', tag: '1.2.3' };
const ID = { deploy: 'live', namespace: 'web', name: 'podinfo' };

/** A message of SQS, with what EventBridge or we put there: work that is written the same is read the same. */
export const target: FuzzTarget = {
  name: 'queue-message',
  form: 'json',
  seeds: [
    ...ecrSamples(PLACE).map(({ event }) => JSON.stringify(event)),
    formatMessage({ kind: 'sweep', sources: [{ namespace: 'web', name: 'podinfo' }] }),
    formatMessage({ kind: 'reconcile', message: { namespace: 'web', name: 'podinfo', trigger: 'webhook' } }),
    formatMessage({ kind: 'documents' }),
    formatDueMessage('run', ID),
    formatWokenMessage(ID),
    JSON.stringify(revisionChangedEvent(sampleChange(2))),
    JSON.stringify({ source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} }),
    JSON.stringify({
      source: 'aws.s3',
      'detail-type': 'Object Created',
      detail: { object: { key: 'documents/a.yaml' } },
    }),
  ],
  words: [
    'web/podinfo',
    '../',
    'aws.ecr',
    'aws.s3',
    'detail-type',
    'landfall',
    'gone',
    '\\u0000',
    '__proto__',
    '{',
    '[',
  ],
  judge: (input) => {
    const body = input.toString();
    const record = { messageId: '1', receiptHandle: 'r', body, receives: 1 };
    const work = workOf([record, { ...record, messageId: '2' }]);
    const records = work.flatMap((each) => each.records).map(({ messageId }) => messageId);
    assert.deepEqual(records.toSorted(), ['1', '2'], 'each message is of one work');
    const [one] = workOf([record]);
    if (one?.kind === 'reconcile' || one?.kind === 'sweep' || one?.kind === 'documents')
      assert.deepEqual(workOf([{ ...record, body: formatMessage(one) }])[0], {
        ...one,
        records: [{ ...record, body: formatMessage(one) }],
      });
    const isRead = taken(() => readDeployMessage(body), 'WEBHOOK_MALFORMED') !== undefined;
    for (const asked of [isForAll, isOfTarget, isOfGone]) assert.equal(typeof asked(body), 'boolean');
    messageFor(body);
    return isRead || work.some(({ kind }) => kind !== 'malformed');
  },
  hostile: [
    ['256 KiB of brackets', () => Buffer.from('['.repeat(1 << 18))],
    [
      '256 KiB of sources',
      () => Buffer.from(JSON.stringify({ version: 1, sweep: Array(20_000).fill('web/podinfo') })),
    ],
    [
      '256 KiB of a name',
      () =>
        Buffer.from(JSON.stringify({ version: 1, look: `${'a-'.repeat(1 << 17)}/x`, trigger: 'webhook' })),
    ],
  ],
};
