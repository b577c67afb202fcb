import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { policiesInForce } from '../../../shared/verify/in-force/policies-in-force.ts';
import type { CosignPolicy, NotationPolicy } from '../../../shared/verify/policy/policy.ts';
import { verifyAll } from '../../../shared/verify/verify.ts';
import { repository, type Scene, scene } from '../keyless-scene.ts';
import { envelopeOf, keyBundle, pushBundle, statementOf } from '../signing.ts';

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const [OURS, THEIRS] = [pair(), pair()];
const signedBy = (keys: typeof OURS, more: Partial<CosignPolicy> = {}): CosignPolicy => ({
  provider: 'cosign',
  keys: [{ pem: keys.publicKey.export({ type: 'spki', format: 'pem' }).toString() }],
  identities: [],
  transparencyLog: false,
  require: 'any',
  ...more,
});
const UNLOOKED: NotationPolicy = {
  provider: 'notation',
  level: 'skip',
  trustStores: [],
  trustedIdentities: [],
};

function signed(...by: readonly (typeof OURS)[]): Scene {
  const at = scene();
  for (const { privateKey: key } of by)
    pushBundle(
      at.registry,
      at.digest,
      keyBundle(envelopeOf(statementOf(at.digest), { key, hash: 'sha256' })),
    );
  return at;
}
async function verified({ registry, digest }: Scene, ...given: readonly (CosignPolicy | NotationPolicy)[]) {
  const policies = await policiesInForce(given, {});
  registry.calls.length = 0;
  return { verification: await verifyAll({ repository, digest, policies }, registry), policies };
}

test('each of several policies has to be content, and each thing is asked of the registry once', async () => {
  const at = signed(OURS, THEIRS);
  const { verification, policies } = await verified(at, signedBy(OURS), signedBy(THEIRS));
  assert.deepEqual([verification.provider, verification.policy], ['cosign', policies.digest]);
  assert.equal(verification.signatures.length, 2);
  assert.ok(!('tolerated' in verification));
  assert.equal(new Set(at.registry.calls).size, at.registry.calls.length);
  await assert.rejects(verified(signed(OURS), signedBy(OURS), signedBy(THEIRS)), {
    code: 'SIGNATURE_REFUSED',
  });
});

test('a signature that several policies take is told once', async () => {
  const both = signedBy(OURS, { require: 1 });
  const { verification } = await verified(signed(OURS), signedBy(OURS), {
    ...both,
    identities: [{ issuer: 'i', subject: 's' }],
  });
  assert.equal(verification.signatures.length, 1);
});

test('policies of several tools are told as that, with what one of them tolerates', async () => {
  const { verification } = await verified(signed(OURS), signedBy(OURS), UNLOOKED);
  assert.deepEqual(
    [verification.provider, verification.signatures.length, verification.tolerated],
    ['several', 1, ['level skip looks at no signature']],
  );
  const { verification: alone } = await verified(signed(), UNLOOKED);
  assert.deepEqual([alone.provider, alone.signatures], ['notation', []]);
});
