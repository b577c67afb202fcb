import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defineDeploy } from '../../../shared/deploy/kit/define-deploy.ts';
import { deployFailed } from '../../../shared/deploy/kit/failures.ts';
import { updateLedger } from '../../../shared/deploy/ledger/ledger.ts';
import { bucketLocationOf, directoryLocationOf } from '../../../shared/deploy/visit/artifact-location.ts';
import { bindKind } from '../../../shared/deploy/visit/bind-kind.ts';
import { revisionOf } from '../../../shared/deploy/visit/open-visit.ts';
import { isForSource } from '../../../shared/deploy/wanted.ts';
import { packedVariant } from '../../../shared/model/packed.ts';
import { digestOf } from '../../../shared/oci/digest.ts';
import { ID as SOURCE } from '../../support/stores/memory-sources.ts';
import { kindWith, openDeployWorld } from '../deploy-world.ts';
import { openSlow } from './slow-kind.ts';

const ID = { digest: digestOf('manifest'), variant: 'default' };
const HEX = ID.digest.slice('sha256:'.length);

describe('a kind is told where the files of an artifact are', () => {
  const inBucket = bucketLocationOf({ bucket: 'store', prefix: 'here/' });
  const inFolder = directoryLocationOf('/store');
  const files = new RegExp(`^(here|/store)/artifacts/sha256/${HEX}/default/files/?$`);

  test('in a bucket or a folder, and of a deploy of one folder in that', () => {
    const [all, one] = [inBucket(ID), inBucket(ID, 'site')];
    assert.ok(all.in === 'bucket' && one.in === 'bucket');
    assert.deepEqual([all.bucket, one.prefix], ['store', `${all.prefix}site/`]);
    assert.match(all.prefix, files);
    const [folder, inner] = [inFolder(ID), inFolder(ID, 'site')];
    assert.ok(folder.in === 'directory' && inner.in === 'directory');
    assert.match(folder.directory, files);
    assert.equal(inner.directory, `${folder.directory}/site`);
    assert.equal(inner.record, folder.record);
  });

  test('and that none can be given where they are packed', () => {
    const packed = { ...ID, variant: packedVariant(ID.variant) };
    for (const locationOf of [inBucket, inFolder])
      assert.deepEqual([locationOf(packed), locationOf(packed, 'site')], [{ in: 'packs' }, { in: 'packs' }]);
  });
});

describe('a kind is told of a revision that the status does not have any more', () => {
  const run = { generation: 3, ...ID, contentDigest: digestOf('content') };
  for (const [revision, tag] of [
    [`1.4.0@${ID.digest}`, '1.4.0'],
    [ID.digest, null],
  ] as const)
    test(`what its run kept of ${revision.slice(0, 12)}`, () => {
      const since = '2026-11-21T00:00:00.000Z';
      const known = revisionOf({ ...run, revision, since }, { current: null, history: [] });
      assert.partialDeepStrictEqual(known, { ...run, revision, tag, committedAt: since });
    });

  test('and one that it has is that one, where both its generation and its digest are', async () => {
    const world = openDeployWorld();
    await world.land({ 'a.txt': '1' });
    await world.land({ 'a.txt': '2' });
    const status = await world.status();
    const [before] = status.history;
    assert.ok(before && status.current);
    assert.equal(revisionOf(before, status), before);
    assert.equal(revisionOf(status.current, status), status.current);
    const other = { ...before, digest: status.current.digest };
    assert.equal(revisionOf({ ...other, since: '' }, status).files, 0);
  });
});

describe('a kind is told of what it left before', () => {
  for (const [what, result, told] of [
    ['as it left it', { url: 'u1' }, 'u1'],
    ['and of nothing where another version of it left something else', { address: 'u1' }, 'nothing'],
  ] as const)
    test(what, async () => {
      const world = openDeployWorld();
      const { target, run } = openSlow(world, { rollback: 'onFailure' });
      await run(await world.land({ 'a.txt': '1' }));
      await updateLedger(
        world.store.objects,
        { ...SOURCE, deploy: 'app' },
        (now) => ({ ...now, applied: now.applied && { ...now.applied, result } }),
        world,
      );
      target.answers.push(deployFailed('no'));
      const event = await world.land({ 'a.txt': '2' });
      await run(event);
      await run(event);
      assert.equal(target.calls.at(-1), `undo - to ${told}`);
    });
});

test('a kind is bound with what it says of itself, and no more', () => {
  const plain = kindWith('plain', async () => undefined);
  const own = { stands: async () => true, followsEveryRevision: true, worksInStep: true } as const;
  const told = bindKind(defineDeploy({ ...plain.definition, ...own }), 'app', {});
  assert.deepEqual(
    [told.followsEveryRevision, told.worksInStep, typeof told.stands],
    [true, true, 'function'],
  );
  assert.deepEqual(Object.keys(bindKind(plain, 'app', {})).toSorted(), ['isLong', 'plan', 'step']);
});

describe('a kind reads a secret', () => {
  const where = { env: 'TOKEN' };

  test('as whoever does its deploy', async () => {
    const world = openDeployWorld();
    const secret = async (place: object, { name }: { readonly name: string }) =>
      `${JSON.stringify(place)} of ${name}`;
    await world.deploy(await world.land({ 'a.txt': '1' }), { deps: { secret } });
    assert.equal(await world.applied[0]?.secret(where), '{"env":"TOKEN"} of app');
  });

  test('and not where there is no way to any', async () => {
    const world = openDeployWorld();
    await world.deploy(await world.land({ 'a.txt': '1' }));
    const failed = { code: 'CREDENTIAL_UNREADABLE', message: 'deploy app: no secret can be read here' };
    await assert.rejects(async () => world.applied[0]?.secret(where), failed);
  });
});

for (const [region, partition] of [
  ['eu-central-1', 'aws'],
  ['cn-north-1', 'aws-cn'],
  ['us-gov-west-1', 'aws-us-gov'],
  ['us-east-1', 'aws'],
] as const)
  test(`a kind is told the partition of ${region}`, async () => {
    const world = openDeployWorld();
    const origin = { ...world.deps.origin, region } as unknown as typeof world.deps.origin;
    await world.deploy(await world.land({ 'a.txt': '1' }), { deps: { origin } });
    assert.equal(world.applied[0]?.origin.partition, partition);
  });

for (const [source, name, isFor] of [
  ['web/*', 'site', true],
  ['web/site', 'site', true],
  ['web/other', 'site', false],
  // What is there for another to be composed of.
  ['web/*', 'site.part', false],
  ['web/site.part', 'site.part', true],
  ['web/site', 'site.part', false],
] as const)
  test(`a deploy of ${source} is ${isFor ? '' : 'not '}for ${name}`, () => {
    assert.equal(isForSource({ source }, { namespace: 'web', name }), isFor);
  });
