import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { test } from 'node:test';
import type { LandfallError } from '../../shared/errors.ts';
import type { Digest } from '../../shared/oci/digest.ts';
import type { ReconcileOutcome } from '../../shared/reconcile/deps.ts';
import { rollback } from '../../shared/reconcile/rollback.ts';
import { suspend } from '../../shared/reconcile/suspend.ts';
import { policiesOf, verifyRevision } from '../../shared/reconcile/verify-revision.ts';
import { withPolicies } from '../../shared/verify/policy/installation-policy.ts';
import type { VerifyPolicy } from '../../shared/verify/policy/policy.ts';
import {
  committed,
  ID,
  openWorld,
  type SourceChanges,
  sourceOf,
  type World,
} from '../support/stores/memory-sources.ts';
import { payloadOf, pushLayers } from '../verify/signing.ts';

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const OURS = pair();
const THEIRS = pair();
type Pair = typeof OURS;

const policyOf = (...pairs: readonly { readonly publicKey: KeyObject }[]): VerifyPolicy => ({
  provider: 'cosign',
  keys: pairs.map(({ publicKey }) => ({ pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() })),
  identities: [],
  transparencyLog: false,
  require: 'any',
});
const sign2 = (digest: Digest, { privateKey }: Pair) => {
  const payload = payloadOf(digest);
  return { payload, signature: sign('sha256', payload, privateKey).toString('base64') };
};
const signWith = ({ registry }: World, digest: Digest, ...pairs: readonly Pair[]): void =>
  pushLayers(
    registry,
    digest,
    pairs.map((each) => sign2(digest, each)),
  );
const failedWith = (outcome: ReconcileOutcome): string =>
  outcome.outcome === 'failed' ? outcome.error.code : outcome.outcome;

/** What the installation wants, by globs. */
const installed = (
  verify: VerifyPolicy,
  globs: { readonly sources?: readonly string[]; readonly repositories?: readonly string[] } = {},
): SourceChanges => {
  const { policies } = withPolicies(sourceOf(), [{ name: 'all', ...globs, verify }]);
  return policies === undefined ? {} : { policies };
};

test('what the installation wants a source cannot leave out, and its own is wanted beside it', async () => {
  const world = openWorld();
  const digest = world.push('latest', { 'a.txt': 'one' });
  const both = { verify: policyOf(THEIRS), ...installed(policyOf(OURS)) };
  signWith(world, digest, THEIRS);
  const failed = await world.look(both);
  assert.equal(failedWith(failed), 'SIGNATURE_REFUSED');
  assert.match(
    (failed as { readonly error: LandfallError }).error.message,
    /as policy all of the installation wants/,
  );
  assert.equal(failedWith(await world.look(installed(policyOf(OURS)))), 'SIGNATURE_REFUSED');
  signWith(world, digest, OURS, THEIRS);
  const { verification } = committed(await world.look(both));
  assert.equal(verification?.signatures.length, 2);
});

test('two policies that look at the same signatures ask for them once', async () => {
  const world = openWorld();
  const digest = world.push('latest', { 'a.txt': 'one' });
  signWith(world, digest, OURS, THEIRS);
  const asked = async (source: SourceChanges): Promise<number> => {
    world.asked();
    await world.look({ ...source, ref: { digest } });
    return world.asked().filter((call) => call.startsWith('referrers') || call.includes('.sig')).length;
  };
  assert.equal(await asked({ verify: policyOf(OURS), ...installed(policyOf(THEIRS)) }), 2);
});

const scopes: readonly (readonly [
  what: string,
  globs: Parameters<typeof installed>[1],
  isWanted: boolean,
])[] = [
  ['all', {}, true],
  ['sources of this namespace', { sources: ['web/*'] }, true],
  ['sources of another', { sources: ['data/*'] }, false],
  ['this repository', { repositories: ['r.example/*'] }, true],
  ['another registry’s', { repositories: ['ghcr.io/**'] }, false],
  ['this source in another repository', { sources: ['web/site'], repositories: ['ghcr.io/**'] }, false],
];
for (const [what, globs, isWanted] of scopes) {
  test(`a policy of the installation for ${what} is ${isWanted ? 'wanted' : 'not asked for'}`, async () => {
    const world = openWorld();
    world.push('latest', { 'a.txt': 'one' });
    const outcome = await world.look(installed(policyOf(OURS), globs));
    assert.equal(failedWith(outcome), isWanted ? 'SIGNATURE_NOT_FOUND' : 'committed');
  });
}

test('under a policy that has changed, what is current is verified though the head is not', async () => {
  const world = openWorld();
  const good = world.push('latest', { 'a.txt': 'one' });
  signWith(world, good, OURS, THEIRS);
  committed(await world.look({ verify: policyOf(OURS) }));
  world.push('latest', { 'a.txt': 'two' });
  assert.equal(failedWith(await world.look({ verify: policyOf(THEIRS) })), 'SIGNATURE_NOT_FOUND');
  const { current, policy } = await world.status();
  assert.equal(current?.digest, good);
  assert.equal(current?.verification?.policy, policy, 'verified under the new one');
});

test('what is current and does not meet a changed policy says so in status', async () => {
  const world = openWorld();
  signWith(world, world.push('latest', { 'a.txt': 'one' }), OURS);
  committed(await world.look({ verify: policyOf(OURS) }));
  assert.equal(failedWith(await world.look({ verify: policyOf(THEIRS) })), 'SIGNATURE_REFUSED');
  const { current, policy } = await world.status();
  assert.notEqual(current?.verification?.policy, policy);
});

test('a policy of the installation that is taken away is none that status names any more', async () => {
  const world = openWorld();
  signWith(world, world.push('latest', { 'a.txt': 'one' }), OURS);
  committed(await world.look(installed(policyOf(OURS))));
  assert.ok((await world.status()).policy);
  assert.equal((await world.look()).outcome, 'unchanged');
  assert.equal((await world.status()).policy, null);
});

/** Two landed, of which only the newer one is signed; then a policy came. */
async function twoLanded() {
  const world = openWorld();
  const older = committed(await world.look({ ref: { digest: world.push('1', { 'a.txt': 'one' }) } }));
  const digest = world.push('2', { 'a.txt': 'two' });
  signWith(world, digest, OURS);
  const source = { ref: { digest }, verify: policyOf(OURS) };
  const newer = committed(await world.look(source));
  return { world, older, newer, source };
}

test('an unsigned revision of before the policy cannot be rolled back to, and nothing is written', async () => {
  const { world, older, newer } = await twoLanded();
  await assert.rejects(rollback({ ...ID, to: older.digest }, world), {
    code: 'SIGNATURE_REFUSED',
    hint: /landfall rollback web\/site --to .* -f FILE/,
  });
  assert.equal((await world.status()).current?.digest, newer.digest);
});

test('a rollback with the documents verifies, and goes back to what is signed by now', async () => {
  const { world, older, source } = await twoLanded();
  const { registry } = world;
  const signal = AbortSignal.timeout(60_000);
  const verify = async ({ digest }: { readonly digest: Digest }) => {
    const full = sourceOf(source);
    return verifyRevision({ source: full, policies: await policiesOf(full, {}), signal }, digest, registry);
  };
  await assert.rejects(rollback({ ...ID, to: older.digest }, { ...world, verify }), {
    code: 'SIGNATURE_NOT_FOUND',
  });
  signWith(world, older.digest, OURS);
  const back = await rollback({ ...ID, to: older.digest }, { ...world, verify });
  assert.equal(back.verification?.policy, (await world.status()).policy);
});

test('a rollback with documents of a looser policy than the one in force is refused', async () => {
  const { world, older } = await twoLanded();
  await assert.rejects(rollback({ ...ID, to: older.digest }, { ...world, verify: async () => undefined }), {
    code: 'SIGNATURE_REFUSED',
    message: /the documents given have another/,
  });
});

/** Two landed without a policy, which status knows nothing of; then the documents have one. */
async function twoBeforePolicy() {
  const world = openWorld();
  const older = committed(await world.look({ ref: { digest: world.push('1', { 'a.txt': 'one' }) } }));
  const newer = committed(await world.look({ ref: { digest: world.push('2', { 'a.txt': 'two' }) } }));
  const full = sourceOf({ verify: policyOf(OURS) });
  const signal = AbortSignal.timeout(60_000);
  const verify = async ({ digest }: { readonly digest: Digest }) =>
    verifyRevision({ source: full, policies: await policiesOf(full, {}), signal }, digest, world.registry);
  return { world, older, newer, verify };
}

test('a rollback with documents verifies under a policy that status does not know yet, and writes it there', async () => {
  const { world, older, newer, verify } = await twoBeforePolicy();
  assert.equal((await world.status()).policy, null);
  await assert.rejects(rollback({ ...ID, to: older.digest }, { ...world, verify }), {
    code: 'SIGNATURE_NOT_FOUND',
  });
  assert.equal((await world.status()).current?.digest, newer.digest);
  signWith(world, older.digest, OURS);
  const { verification } = await rollback({ ...ID, to: older.digest }, { ...world, verify });
  assert.equal(verification?.signatures.length, 1);
  const { current, policy } = await world.status();
  assert.deepEqual([current?.verification, policy], [verification, verification?.policy]);
});

test('while a revision is skipped, what is current is verified under a policy that has changed', async () => {
  const world = openWorld();
  const older = world.push('latest', { 'a.txt': 'one' });
  signWith(world, older, OURS, THEIRS);
  const source = { verify: policyOf(OURS) };
  committed(await world.look(source));
  signWith(world, world.push('latest', { 'a.txt': 'two' }), OURS);
  committed(await world.look(source));
  await rollback({ ...ID, to: older, skip: true }, world);
  const changed = { verify: policyOf(THEIRS) };
  assert.equal((await world.look(changed)).outcome, 'unchanged');
  const { current, policy } = await world.status();
  assert.equal(current?.digest, older);
  assert.ok(policy);
  assert.equal(current?.verification?.policy, policy);
  world.asked();
  await world.look(changed);
  assert.deepEqual(world.asked(), ['peek latest'], 'once');
  const third = { verify: policyOf(pair()) };
  assert.equal((await world.look(third)).outcome, 'unchanged');
  const after = await world.status();
  assert.notEqual(after.current?.verification?.policy, after.policy, 'what does not meet it says so');
});

for (const how of ['by a person', 'in its document'] as const)
  test(`a source suspended ${how} has the policy of now in its status, and what is current verified under it`, async () => {
    const { world, newer } = await twoBeforePolicy();
    signWith(world, newer.digest, OURS);
    if (how === 'by a person') await suspend(ID, { objects: world.store.objects, clock: world.clock });
    const source = { verify: policyOf(OURS), suspend: how === 'in its document' };
    assert.equal((await world.look(source)).outcome, 'suspended');
    const { current, policy } = await world.status();
    assert.equal(current?.verification?.signatures.length, 1);
    assert.equal(current?.verification?.policy, policy);
    world.asked();
    await world.look(source);
    assert.deepEqual(world.asked(), [], 'once');
    await world.look({ ...source, verify: policyOf(THEIRS) });
    const after = await world.status();
    assert.notEqual(after.policy, policy);
    assert.notEqual(after.current?.verification?.policy, after.policy, 'what does not meet it says so');
    assert.equal(after.failure, null);
  });

test('a source that is new, under a policy, and suspended in its document has no status to write to', async () => {
  const world = openWorld();
  world.push('latest', { 'a.txt': 'one' });
  const outcome = await world.look({ verify: policyOf(OURS), suspend: true });
  assert.equal(outcome.outcome, 'suspended');
  await assert.rejects(world.status(), { code: 'SOURCE_NOT_FOUND' });
});

test('what was verified under the policy of now is rolled back to without a request', async () => {
  const world = openWorld();
  const source = { verify: policyOf(OURS) };
  const older = world.push('latest', { 'a.txt': 'one' });
  signWith(world, older, OURS);
  committed(await world.look(source));
  signWith(world, world.push('latest', { 'a.txt': 'two' }), OURS);
  committed(await world.look(source));
  world.asked();
  assert.equal((await rollback({ ...ID, to: older }, world)).digest, older);
  assert.deepEqual(world.asked(), []);
});

test('an unsigned revision that the store lost is not landed again under a policy, and stays in the history', async () => {
  const { world, older, source } = await twoLanded();
  await world.store.artifacts.remove(older);
  const notes: string[] = [];
  await world.look(source, { deps: { onNote: (_, note) => void notes.push(note) } });
  assert.match(notes.join(), /cannot be landed again: SIGNATURE_NOT_FOUND/);
  assert.equal(await world.store.artifacts.record(older), undefined);
  assert.equal((await world.status()).history[0]?.digest, older.digest);
  signWith(world, older.digest, OURS);
  await world.look(source);
  assert.ok(await world.store.artifacts.record(older));
});
