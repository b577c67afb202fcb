import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LandfallError } from '../../shared/errors.ts';
import type { RevisionChangedEvent } from '../../shared/model/envelope.ts';
import { type Digest, digestOf } from '../../shared/oci/digest.ts';
import type { CosignPolicy, VerifyPolicy } from '../../shared/verify/policy/policy.ts';
import {
  committed,
  imageOf,
  indexOf,
  openWorld,
  pushImage,
  type World,
} from '../support/stores/memory-sources.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { payloadOf, pushLayers } from '../verify/signing.ts';

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const OURS = pair();
const THEIRS = pair();
const pemOf = ({ publicKey }: { readonly publicKey: KeyObject }): string =>
  publicKey.export({ type: 'spki', format: 'pem' }).toString();

const policyOf = (...keys: CosignPolicy['keys']): VerifyPolicy => ({
  provider: 'cosign',
  keys,
  identities: [],
  transparencyLog: false,
  require: 'any',
});
const VERIFY = policyOf({ pem: pemOf(OURS) });

const signWith = ({ registry }: World, digest: Digest, { privateKey } = OURS): void => {
  const payload = payloadOf(digest);
  pushLayers(registry, digest, [
    { payload, signature: sign('sha256', payload, privateKey).toString('base64') },
  ]);
};
const failedWith = async (world: World, verify = VERIFY): Promise<string> => {
  const outcome = await world.look({ verify });
  return outcome.outcome === 'failed' ? outcome.error.code : outcome.outcome;
};
/** The blobs of an image that were asked for. */
const blobsAsked = (asked: readonly string[], files: Readonly<Record<string, string>>): readonly string[] => {
  const blobs = imageOf(files).blobs.map((blob) => `blob ${digestOf(blob)}`);
  return asked.filter((call) => blobs.includes(call));
};

test('what is signed lands, and status and event say by whom', async () => {
  const world = openWorld();
  signWith(world, world.push('latest', { 'a.txt': 'one' }));
  const { verification } = committed(await world.look({ verify: VERIFY }));
  assert.equal(verification?.signatures.length, 1);
  assert.deepEqual((await world.status()).current?.verification, verification);
  const [event] = world.events('Artifact Revision Changed') as readonly RevisionChangedEvent[];
  assert.match(event?.detail.verification?.signatures[0]?.key ?? '', /^sha256:/);
  assert.equal(event?.detail.verification?.policy, verification?.policy);
  world.asked();
  assert.equal((await world.look({ verify: VERIFY })).outcome, 'unchanged');
  assert.deepEqual(world.asked(), ['peek latest'], 'nothing new costs one request');
});

test('what is not signed does not land: no layer of it is read, and the last good revision stays', async () => {
  const world = openWorld();
  const good = world.push('latest', { 'a.txt': 'one' });
  signWith(world, good);
  committed(await world.look({ verify: VERIFY }));
  world.push('latest', { 'a.txt': 'two' });
  world.asked();
  assert.equal(await failedWith(world), 'SIGNATURE_NOT_FOUND');
  assert.deepEqual(blobsAsked(world.asked(), { 'a.txt': 'two' }), []);
  const { current, failure } = await world.status();
  assert.deepEqual([current?.digest, failure?.kind], [good, 'transient']);
});

test('a signature that comes after the push is found by a later look, and nobody is told before the third', async () => {
  const world = openWorld();
  const digest = world.push('latest', { 'a.txt': 'one' });
  assert.equal(await failedWith(world), 'SIGNATURE_NOT_FOUND');
  assert.equal(await failedWith(world), 'SIGNATURE_NOT_FOUND');
  signWith(world, digest);
  committed(await world.look({ verify: VERIFY }));
  assert.deepEqual(
    world.events().map((event) => event['detail-type']),
    ['Artifact Revision Changed'],
  );
});

test('what others have signed is told at once, looked at again each time, and lands once we have', async () => {
  const world = openWorld();
  const digest = world.push('latest', { 'a.txt': 'one' });
  signWith(world, digest, THEIRS);
  assert.equal(await failedWith(world), 'SIGNATURE_REFUSED');
  assert.equal(world.events('Source Reconcile Failed').length, 1);
  assert.equal(await failedWith(world), 'SIGNATURE_REFUSED');
  assert.equal(world.events('Source Reconcile Failed').length, 1);
  signWith(world, digest);
  committed(await world.look({ verify: VERIFY }));
});

test('a policy that comes later has what is current verified, without an event where it is', async () => {
  const world = openWorld();
  const digest = world.push('latest', { 'a.txt': 'one' });
  committed(await world.look());
  assert.equal(await failedWith(world), 'SIGNATURE_NOT_FOUND');
  assert.equal((await world.status()).current?.digest, digest);
  signWith(world, digest);
  assert.equal((await world.look({ verify: VERIFY })).outcome, 'unchanged');
  assert.ok((await world.status()).current?.verification);
  world.asked();
  await world.look({ verify: VERIFY });
  assert.deepEqual(world.asked(), ['peek latest'], 'once');
  assert.equal(world.events('Artifact Revision Changed').length, 1);
});

test('a key file that changes has what is current verified again; one that is gone is told', async (t) => {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const file = join(folder.path, 'key.pub');
  writeFileSync(file, pemOf(OURS));
  const verify = policyOf({ file });
  const world = openWorld();
  signWith(world, world.push('latest', { 'a.txt': 'one' }));
  committed(await world.look({ verify }));
  writeFileSync(file, pemOf(THEIRS));
  assert.equal(await failedWith(world, verify), 'SIGNATURE_REFUSED');
  writeFileSync(file, 'none');
  assert.equal(await failedWith(world, verify), 'CONFIG_INVALID');
  assert.equal(await failedWith(world, policyOf({ file: `${file}.gone` })), 'CONFIG_UNREADABLE');
  writeFileSync(file, pemOf(OURS));
  assert.equal((await world.look({ verify })).outcome, 'unchanged');
  assert.equal((await world.status()).failure, null);
});

test('of an index the index has to be signed: a signature of a platform’s manifest does not choose it', async () => {
  const world = openWorld();
  const image = imageOf({ 'a.txt': 'one' });
  pushImage(world.registry, 'amd64', image);
  const index = pushImage(world.registry, 'latest', indexOf(image));
  signWith(world, image.digest);
  assert.equal(await failedWith(world), 'SIGNATURE_NOT_FOUND');
  signWith(world, index);
  assert.equal(committed(await world.look({ verify: VERIFY })).digest, index);
});

test('a registry that cannot say which signatures there are lets nothing in', async () => {
  const world = openWorld();
  const digest = world.push('latest', { 'a.txt': 'one' });
  signWith(world, digest);
  world.registry.failures.set(`referrers ${digest}`, new LandfallError('REGISTRY_UNAVAILABLE', '500'));
  assert.equal(await failedWith(world), 'REGISTRY_UNAVAILABLE');
  assert.equal((await world.status()).current, null);
});

test('a tag that moves while its digest is verified has what was verified landed', async () => {
  const world = openWorld();
  const { registry } = world;
  const digest = world.push('latest', { 'a.txt': 'one' });
  signWith(world, digest);
  const referrers = registry.referrers.bind(registry);
  registry.referrers = (...asked) => {
    world.push('latest', { 'a.txt': 'two' });
    return referrers(...asked);
  };
  assert.equal(committed(await world.look({ verify: VERIFY })).digest, digest);
  assert.equal(await failedWith(world), 'SIGNATURE_NOT_FOUND', 'what it moved to is signed by nobody');
});

test('a signature of another artifact, under the tag of this one, lets nothing in', async () => {
  const world = openWorld();
  const signed = world.push('1.0.0', { 'a.txt': 'one' });
  const digest = world.push('latest', { 'a.txt': 'two' });
  const payload = payloadOf(signed);
  pushLayers(world.registry, digest, [
    { payload, signature: sign('sha256', payload, OURS.privateKey).toString('base64') },
  ]);
  assert.equal(await failedWith(world), 'SIGNATURE_REFUSED');
});

test('a revision that is gone back to is verified before it is taken for current again', async () => {
  const world = openWorld();
  committed(await world.look({ ref: { digest: world.push('1', { 'a.txt': 'one' }) } }));
  const signed = world.push('2', { 'a.txt': 'two' });
  signWith(world, signed);
  committed(await world.look({ ref: { digest: signed }, verify: VERIFY }));
  const unsigned = world.push('1', { 'a.txt': 'one' });
  const outcome = await world.look({ ref: { digest: unsigned }, verify: VERIFY });
  assert.equal(outcome.outcome === 'failed' && outcome.error.code, 'SIGNATURE_NOT_FOUND');
  assert.equal((await world.status()).current?.digest, signed);
});

test('a head that is not signed yet is what is wrong, where there was none before: found by simulation, seed 285', async () => {
  const world = openWorld();
  assert.equal(await failedWith(world), 'TAG_NOT_FOUND');
  world.push('latest', { 'a.txt': 'one' });
  assert.equal(await failedWith(world), 'SIGNATURE_NOT_FOUND');
  assert.equal((await world.status()).failure?.code, 'SIGNATURE_NOT_FOUND', 'and not that there is no tag');
});

test('an older revision with a good signature does not come back where a downgrade is refused, whatever else its document changes', async () => {
  const world = openWorld();
  const ref = { semver: '>=1.0.0', downgrade: 'refuse' } as const;
  signWith(world, world.push('1.0.0', { 'a.txt': 'one' }));
  const newer = world.push('1.1.0', { 'a.txt': 'two' });
  signWith(world, newer);
  committed(await world.look({ verify: VERIFY, ref }));
  world.registry.remove('1.1.0');
  world.asked();
  for (const changed of [{}, { labels: { team: 'web' } }, { ignore: '*.md' }]) {
    const outcome = await world.look({ verify: VERIFY, ref, ...changed });
    assert.equal(outcome.outcome === 'failed' && outcome.error.code, 'DOWNGRADE_REFUSED');
    assert.equal((await world.status()).current?.digest, newer);
  }
  assert.deepEqual(world.asked(), ['tags', 'tags', 'tags']);
  assert.equal(committed(await world.look({ verify: VERIFY, ref: { semver: '>=1.0.0' } })).tag, '1.0.0');
});
