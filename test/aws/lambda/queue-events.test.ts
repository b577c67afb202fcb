import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ACCOUNT, ecr, HOST, openBatch as open } from '../support/batch.ts';

const ECR = `
sources:
  - { namespace: web, name: site, url: oci://${HOST}/team/site, ref: { tag: stable } }
  - { namespace: web, name: fips, url: oci://${ACCOUNT}.dkr.ecr-fips.eu-west-1.amazonaws.com/team/site, ref: { semver: '*' } }
  - { namespace: web, name: abroad, url: oci://${ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/team/site, ref: { tag: stable } }
  - { namespace: web, name: hub, url: oci://docker.io/team/site, ref: { tag: stable } }
`;
const pushed = {
  result: 'SUCCESS',
  'repository-name': 'team/site',
  'image-digest': `sha256:${'a'.repeat(64)}`,
  'action-type': 'PUSH',
  'image-tag': 'stable',
};

for (const [what, event, names] of [
  ['a push', () => ecr(pushed), ['site', 'fips']],
  ['a push of another tag', () => ecr({ ...pushed, 'image-tag': '1.0.0' }), ['fips']],
  [
    'a replication',
    () => ecr({ ...pushed, 'source-account': '1', 'source-region': 'x' }, 'ECR Replication Action'),
    ['site', 'fips'],
  ],
  [
    'a pull through the cache',
    () =>
      ecr(
        { 'sync-status': 'SUCCESS', 'repository-name': 'team/site', 'image-tag': 'stable' },
        'ECR Pull Through Cache Action',
      ),
    ['site', 'fips'],
  ],
  ['a push without a tag', () => ecr({ ...pushed, 'image-tag': undefined }), ['site', 'fips']],
  ['a delete', () => ecr({ ...pushed, 'action-type': 'DELETE' }), []],
  ['a push that failed', () => ecr({ ...pushed, result: 'FAILURE' }), []],
  ['a push to another repository', () => ecr({ ...pushed, 'repository-name': 'team/other' }), []],
  ['a push to nonsense', () => ecr({ ...pushed, 'repository-name': '../../x' }), []],
  ['an event without its detail', () => ecr([] as never), []],
] as const) {
  test(`of ECR: ${what}`, async () => {
    const { run, queue, world } = await open(ECR);
    assert.deepEqual(await run([event()]), []);
    assert.deepEqual(queue.messages.map(({ name }) => name).toSorted(), names.toSorted());
    assert.deepEqual(world.asked(), [], 'looked at in their own groups');
  });
}
