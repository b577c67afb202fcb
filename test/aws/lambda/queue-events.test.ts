import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { QueueRecord } from '../../../functions/queue-work.ts';
import type { Log } from '../../../shared/log.ts';
import { ecrSample, ecrSamples, putImageSample } from '../../support/ecr-events.ts';
import { ACCOUNT, HOST, openBatch as open, record } from '../support/batch.ts';

const ECR = `
sources:
  - { namespace: web, name: site, url: oci://${HOST}/team/site, ref: { tag: stable } }
  - { namespace: web, name: fips, url: oci://${ACCOUNT}.dkr.ecr-fips.eu-west-1.amazonaws.com/team/site, ref: { semver: '*' } }
  - { namespace: web, name: abroad, url: oci://${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/team/site, ref: { tag: stable } }
  - { namespace: web, name: hub, url: oci://docker.io/team/site, ref: { tag: stable } }
`;
const EVENT_ORIGIN = { account: ACCOUNT, region: 'eu-west-1', repository: 'team/site', tag: 'stable' };
const sample = (name: string, detail: object = {}, over: object = {}) =>
  record({ ...ecrSample(name, EVENT_ORIGIN, { ...detail }), ...over });
const push = (detail: object = {}, over: object = {}) => sample('a completed image push', detail, over);
const EVERY = ['site', 'fips'];

const CASES: readonly (readonly [what: string, event: () => QueueRecord, names: readonly string[]])[] = [
  ...ecrSamples(EVENT_ORIGIN).map(
    ({ name, event, rule }) => [name, () => record(event), rule === undefined ? [] : EVERY] as const,
  ),
  ['PutImage, as CloudTrail records it', () => record(putImageSample(EVENT_ORIGIN)), EVERY],
  ['PutImage of another tag', () => record(putImageSample({ ...EVENT_ORIGIN, tag: '1.0.0' })), ['fips']],
  [
    'PutImage without a tag',
    () => record(putImageSample(EVENT_ORIGIN, { requestParameters: { repositoryName: 'team/site' } })),
    EVERY,
  ],
  [
    'PutImage that was refused',
    () => record(putImageSample(EVENT_ORIGIN, { errorCode: 'AccessDenied', responseElements: null })),
    [],
  ],
  ['PutImage of nothing', () => record(putImageSample(EVENT_ORIGIN, { requestParameters: null })), []],
  ['a push of another tag', () => push({ 'image-tag': '1.0.0' }), ['fips']],
  ['a push without a tag', () => push({ 'image-tag': undefined }), EVERY],
  ['a push with an empty tag', () => push({ 'image-tag': '' }), EVERY],
  ['a push with null for a tag', () => push({ 'image-tag': null }), EVERY],
  ['a push with its digest for a tag', () => push({ 'image-tag': `sha256:${'a'.repeat(64)}` }), EVERY],
  [
    'a push of a chart',
    () => push({ 'artifact-media-type': 'application/vnd.cncf.helm.config.v1+json' }),
    EVERY,
  ],
  [
    'an artifact, where AWS says of it what it says of an image',
    () => push({}, { 'detail-type': 'ECR Artifact Action' }),
    EVERY,
  ],
  [
    'a replica of another account and region: it is where the event is',
    () =>
      sample('a completed image replication', {
        'source-account': '210987654321',
        'source-region': 'us-east-1',
      }),
    EVERY,
  ],
  ['a replica there, which is none here', () => push({}, { region: 'us-east-1' }), ['abroad']],
  ['a push that failed', () => push({ result: 'FAILED' }), []],
  ['a fetch that failed', () => sample('a pull through cache action', { 'sync-status': 'FAILED' }), []],
  ['a push that says it is a replica', () => push({ 'action-type': 'REPLICATE' }), []],
  [
    'a replica that says it is a push',
    () => sample('a completed image replication', { 'action-type': 'PUSH' }),
    [],
  ],
  ['a push to another repository', () => push({ 'repository-name': 'team/other' }), []],
  ['a push to nonsense', () => push({ 'repository-name': '../../x' }), []],
  ['a push to nothing', () => push({ 'repository-name': null }), []],
  ['a push in another account', () => push({}, { account: '210987654321' }), []],
  ['an account that is a host', () => push({}, { account: `docker.io/team/site?${ACCOUNT}` }), []],
  ['a region that goes elsewhere', () => push({}, { region: 'eu-west-1.amazonaws.com/../x' }), []],
  ['an event without a place', () => push({}, { account: null }), []],
  ['an event without its detail', () => push({}, { detail: [] }), []],
  ['an event whose detail is null', () => push({}, { detail: null }), []],
  ['an event of no type', () => push({}, { 'detail-type': null }), []],
  ['an event of an inherited type', () => push({}, { 'detail-type': 'constructor' }), []],
];

for (const [what, event, names] of CASES) {
  test(`of ECR: ${what}: ${names.join(', ') || 'no look'}`, async () => {
    const { run, queue, world } = await open(ECR);
    assert.deepEqual(await run([event()]), []);
    assert.deepEqual(queue.messages.map(({ name }) => name).toSorted(), names.toSorted());
    assert.deepEqual(world.asked(), [], 'looked at in their own groups');
  });
}

test('an event that means no reconcile is logged with what was seen, and nothing of what it names', async () => {
  const { run } = await open(ECR);
  const lines: unknown[] = [];
  const log: Log = (level, message, fields) => void lines.push([level, message, fields]);
  await run([sample('an image deletion')], undefined, { log });
  assert.deepEqual(lines, [
    [
      'info',
      'event is no push',
      {
        says: 'detail-type=ECR Image Action source=aws.ecr result=SUCCESS action-type=DELETE',
        keys: 'version,id,detail-type,source,account,time,region,resources,detail',
      },
    ],
  ]);
});

test('what only looks like an event of ECR is no work, and goes back to be seen among the dead letters', async () => {
  const { run, queue } = await open(ECR);
  for (const source of ['team.ecr', 'aws.ecr-public', 'AWS.ECR', '', null]) {
    assert.equal((await run([push({}, { source })])).length, 1, String(source));
  }
  assert.deepEqual(queue.messages, []);
});
