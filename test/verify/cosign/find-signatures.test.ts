import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { LandfallError } from '../../../shared/errors.ts';
import { hexOf } from '../../../shared/oci/digest.ts';
import { OCI_EMPTY, OCI_INDEX, OCI_MANIFEST } from '../../../shared/oci/media-types.ts';
import { policyInForce } from '../../../shared/verify/in-force/policy-in-force.ts';
import { verifyDigest } from '../../../shared/verify/verify.ts';
import { repository, type Scene, scene } from '../keyless-scene.ts';
import {
  envelopeOf,
  keyBundle,
  payloadOf,
  pushBundle,
  pushLayers,
  putBlob,
  statementOf,
} from '../signing.ts';

const KEYS = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = KEYS.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const POLICY = await policyInForce(
  { provider: 'cosign', keys: [{ pem }], identities: [], transparencyLog: false, require: 'any' },
  {},
);
const verified = ({ registry, digest }: Scene) =>
  verifyDigest({ repository, digest, policy: POLICY }, registry);

const bundled = (at: Scene): Scene => {
  const envelope = envelopeOf(statementOf(at.digest), { key: KEYS.privateKey, hash: 'sha256' });
  pushBundle(at.registry, at.digest, keyBundle(envelope));
  return at;
};
const layerOf = ({ digest }: Scene) => ({
  payload: payloadOf(digest),
  signature: sign('sha256', payloadOf(digest), KEYS.privateKey).toString('base64'),
});
const layered = (at: Scene): Scene => {
  pushLayers(at.registry, at.digest, [layerOf(at)]);
  return at;
};
const tagOf = ({ digest }: Scene): string => `sha256-${hexOf(digest)}.sig`;

test('a referrer that is of another type is not read, one of no type is', async () => {
  const at = bundled(scene());
  const [bundle] = at.registry.referring.get(at.digest) ?? [];
  assert.ok(bundle !== undefined);
  const { artifactType, ...untyped } = bundle;
  const sbom = { ...bundle, digest: at.digest, artifactType: 'application/spdx+json' };
  at.registry.referring.set(at.digest, [sbom, untyped]);
  assert.equal((await verified(at)).signatures[0]?.found, `bundle ${bundle.digest}`);
  assert.deepEqual(at.registry.calls.slice(0, 2), [`referrers ${at.digest}`, `manifest ${bundle.digest}`]);
});

test('without attestations that are wanted nobody looks for them', async () => {
  const at = scene();
  await assert.rejects(verified(at), { code: 'SIGNATURE_NOT_FOUND' });
  assert.deepEqual(at.registry.calls, [`referrers ${at.digest}`, `manifest ${tagOf(at)}`]);
});

test('a repository that is not there has no signature; one that does not answer for its tag is no excuse', async () => {
  for (const [failure, code] of [
    [new LandfallError('REPOSITORY_NOT_FOUND', 'none'), 'SIGNATURE_NOT_FOUND'],
    [new LandfallError('REGISTRY_UNAVAILABLE', '500'), 'REGISTRY_UNAVAILABLE'],
  ] as const) {
    const at = scene();
    at.registry.failures.set(`manifest ${tagOf(at)}`, failure);
    await assert.rejects(verified(at), { code });
  }
});

test('a registry that does not give one signature ends the look, though another is good', async () => {
  const at = layered(bundled(scene()));
  const [bundle] = at.registry.referring.get(at.digest) ?? [];
  const down = new LandfallError('REGISTRY_UNAVAILABLE', '500');
  at.registry.failures.set(`manifest ${bundle?.digest}`, down);
  await assert.rejects(verified(at), { code: 'REGISTRY_UNAVAILABLE' });
});

test('layers of another type under the tag of signatures are none', async () => {
  const at = layered(scene());
  const { bytes } = await at.registry.manifest(repository, tagOf(at));
  const manifest = JSON.parse(Buffer.from(bytes).toString()) as { readonly layers: readonly object[] };
  const other = putBlob(at.registry, 'text/plain', Buffer.from('x'));
  const layers = [other, ...manifest.layers];
  at.registry.push(tagOf(at), Buffer.from(JSON.stringify({ ...manifest, layers })));
  at.registry.calls.length = 0;
  assert.match((await verified(at)).signatures[0]?.found ?? '', /^layer 1 of /);
  assert.ok(!at.registry.calls.includes(`blob ${other.digest}`));
});

/** What a referrer may be in place of a manifest with one bundle. */
const REFERRERS: readonly (readonly [what: string, manifest: (at: Scene) => object, why: RegExp])[] = [
  ['an index', () => ({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] }), /is an index/],
  ['without layers', (at) => referrerOf(at, 0), /not the one layer of type/],
  ['of two bundles', (at) => referrerOf(at, 2), /not the one layer of type/],
  ['of a layer of another type', (at) => referrerOf(at, 1, 'text/plain'), /not the one layer of type/],
];
const referrerOf = ({ registry, digest }: Scene, count: number, type?: string) => {
  const layer = putBlob(registry, type ?? 'application/vnd.dev.sigstore.bundle.v0.3+json', Buffer.from('{}'));
  return {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: putBlob(registry, OCI_EMPTY, Buffer.from('{}')),
    layers: Array.from({ length: count }, () => layer),
    subject: { mediaType: OCI_MANIFEST, digest, size: 1 },
  };
};
for (const [what, manifest, why] of REFERRERS)
  test(`a referrer that is ${what} is no signature`, async () => {
    const at = scene();
    const made = manifest(at) as { readonly mediaType: string };
    const bytes = Buffer.from(JSON.stringify(made));
    const digest = at.registry.push('referrer', bytes, made.mediaType);
    at.registry.referring.set(at.digest, [{ mediaType: made.mediaType, digest, size: bytes.length }]);
    await assert.rejects(verified(at), { code: 'SIGNATURE_REFUSED', message: why });
  });
