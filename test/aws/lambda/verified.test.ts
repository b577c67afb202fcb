import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { POLICIES_VARIABLE } from '../../../functions/lambda/installed-policies.ts';
import type { Digest } from '../../../shared/oci/digest.ts';
import { requireStatus } from '../../../shared/store/status-store.ts';
import { REPOSITORY } from '../../support/artifacts/sample-artifacts.ts';
import { plantSignatures } from '../../verify/planted-signatures.ts';
import { openScaffold, WORKFLOW } from '../../verify/scaffold.ts';
import { payloadOf, pushBundle, pushLayers } from '../../verify/signing.ts';
import { apply, bundlesOf, ID, openHandlers } from '../support/handlers.ts';

const bundles = await bundlesOf('reconcile');
const OURS = await openScaffold();
const KEYS = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});

const documentOf = (host: string, trustedRoot?: unknown): string =>
  JSON.stringify({
    sources: [
      {
        ...{ ...ID, url: `oci://${host}/${REPOSITORY}`, ref: { tag: 'stable' } },
        verify: {
          ...{ provider: 'cosign', identities: [WORKFLOW] },
          ...(trustedRoot !== undefined && { trustedRoot: { pem: JSON.stringify(trustedRoot) } }),
        },
      },
    ],
    credentials: [{ registry: host, plainHttp: true }],
  });

for (const form of ['bundle', 'layer'] as const) {
  test(`as deployed, nothing lands that is not signed, and a ${form} of the identity is verified`, async (t) => {
    const machine = await openHandlers(t, bundles);
    const { aws, store, registry, push, deliver } = machine;
    const digest = (await push(REPOSITORY, 'stable', { 'index.html': 'one' })) as Digest;
    const reconcile = await machine.start('reconcile');
    const look = async (trustedRoot?: unknown): Promise<void> => {
      await apply(machine, documentOf(registry.host, trustedRoot));
      await deliver(reconcile);
      // What failed is in the queue until its wait is over.
      machine.pass(600_000);
      await deliver(reconcile);
    };
    const failed = async (): Promise<string | undefined> => {
      const { current, failure } = await requireStatus(store.objects, ID);
      assert.equal(current, null);
      return failure?.code;
    };
    await look(OURS.root);
    assert.equal(await failed(), 'SIGNATURE_NOT_FOUND');

    await plantSignatures(registry, async (memory) => {
      if (form === 'bundle') pushBundle(memory, digest, await OURS.bundle(digest));
      else pushLayers(memory, digest, [await OURS.layer(digest)]);
    });
    await look();
    assert.equal(await failed(), 'SIGNATURE_REFUSED', 'by the public instance');
    await look(OURS.root);
    const { current } = await requireStatus(store.objects, ID);
    assert.deepEqual(current?.verification?.signatures[0]?.signer, WORKFLOW);
    const landed = aws.events.filter(({ detailType }) => detailType === 'Artifact Revision Changed');
    assert.equal(landed.length, 1);
  });
}

test('as deployed, what the stack wants of all sources no applied document leaves out', async (t) => {
  const machine = await openHandlers(t, bundles);
  const { store, registry, push, deliver } = machine;
  const digest = (await push(REPOSITORY, 'stable', { 'index.html': 'one' })) as Digest;
  const verify = { provider: 'cosign', keys: [{ pem: KEYS.publicKey }], transparencyLog: false };
  const policies = [{ name: 'all', repositories: [`${registry.host}/**`], verify }];
  const reconcile = await machine.start('reconcile', { [POLICIES_VARIABLE]: JSON.stringify({ policies }) });
  const source = { ...ID, url: `oci://${registry.host}/${REPOSITORY}`, ref: { tag: 'stable' } };
  const document = { sources: [source], credentials: [{ registry: registry.host, plainHttp: true }] };
  await apply(machine, JSON.stringify(document));
  await deliver(reconcile);
  const { current, failure } = await requireStatus(store.objects, ID);
  assert.deepEqual([current, failure?.code], [null, 'SIGNATURE_NOT_FOUND']);
  const payload = payloadOf(digest);
  const signature = sign('sha256', payload, KEYS.privateKey).toString('base64');
  await plantSignatures(registry, (memory) => pushLayers(memory, digest, [{ payload, signature }]));
  machine.pass(600_000);
  await deliver(reconcile);
  assert.equal((await requireStatus(store.objects, ID)).current?.verification?.signatures.length, 1);
});
