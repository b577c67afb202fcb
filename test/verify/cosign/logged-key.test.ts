import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { OURS, scene, verified } from '../keyless-scene.ts';
import { WORKFLOW } from '../scaffold.ts';
import { pushBundle, pushLayers } from '../signing.ts';

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const [KEYS, THEIRS] = [pair(), pair()];
const pemOf = ({ publicKey }: typeof KEYS): string =>
  publicKey.export({ type: 'spki', format: 'pem' }).toString();
const POLICY = { keys: [{ pem: pemOf(KEYS) }], identities: [] };

test('an entry that logs another key than the one that signed is refused, of a key as of a certificate', async () => {
  const at = scene();
  pushLayers(at.registry, at.digest, [await OURS.keyedLayer(at.digest, KEYS, THEIRS)]);
  await assert.rejects(verified(at, POLICY), { code: 'SIGNATURE_REFUSED', message: /of another key/ });
});

test('what a log of Rekor 2 has of a key needs no time stamp, as keys do not run out', async () => {
  const at = scene();
  const { certificate } = await OURS.certified(WORKFLOW);
  const signer = { keys: KEYS, certificate };
  const made = await OURS.bundle(at.digest, WORKFLOW, { signer, logForm: 'dsse 0.0.2', logAs: pemOf(KEYS) });
  const { tlogEntries } = made.verificationMaterial;
  pushBundle(at.registry, at.digest, {
    ...made,
    verificationMaterial: { publicKey: { hint: '' }, tlogEntries },
  });
  const [signature] = (await verified(at, POLICY)).signatures;
  assert.deepEqual(
    [signature?.signedAt, signature?.logIndex],
    [null, tlogEntries[0]?.inclusionProof.logIndex],
  );
});

test('when it was signed is what the log has of it, and nothing where no log is looked at', async () => {
  const at = scene();
  const layer = await OURS.keyedLayer(at.digest, KEYS);
  pushLayers(at.registry, at.digest, [layer]);
  const { Payload } = JSON.parse(layer.more['dev.sigstore.cosign/bundle'] ?? '') as {
    readonly Payload: { readonly integratedTime: number; readonly logIndex: number };
  };
  const [logged] = (await verified(at, POLICY)).signatures;
  assert.deepEqual(
    [logged?.signedAt, logged?.logIndex],
    [new Date(Payload.integratedTime * 1000).toISOString(), String(Payload.logIndex)],
  );
  const [unlogged] = (await verified(at, { ...POLICY, transparencyLog: false })).signatures;
  assert.deepEqual([unlogged?.signedAt, unlogged?.logIndex], [null, null]);
});
