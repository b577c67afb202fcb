import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '../../shared/oci/digest.ts';
import { parseRepository } from '../../shared/oci/reference.ts';
import { readTrustedRoot } from '../../shared/verify/cosign/trusted-root.ts';
import { policyInForce } from '../../shared/verify/in-force/policy-in-force.ts';
import type { CosignPolicy } from '../../shared/verify/policy/policy.ts';
import { verifyDigest } from '../../shared/verify/verify.ts';
import { MemoryRegistry } from '../support/servers/memory-registry.ts';
import { sequence } from './der.ts';
import { authorityOf, extension, mintAuthority, mintLeaf } from './minted-certificate.ts';
import { policyOf, pushEnvelope, verified } from './notation-scene.ts';
import { BUILDER, SOURCE } from './predicates.ts';
import SAMPLES from './samples/made-by-tools.json' with { type: 'json' };
import { WORKFLOW } from './scaffold.ts';
import { pushBundle } from './signing.ts';

const bytesOf = (text: string): Buffer => Buffer.from(text, 'base64');
const MANIFEST = bytesOf(SAMPLES.notation.manifest);

/** The artifact that the tools signed, or another one. */
function scene(manifest: Buffer = MANIFEST) {
  const registry = new MemoryRegistry();
  return { registry, digest: registry.push('1.0.0', manifest) };
}
const OTHER = Buffer.from(MANIFEST.toString().replace('{', '{ '));

test('what notation signed is verified beside its artifact, and refused beside another', async () => {
  const trustStores = [
    { type: 'ca' as const, name: 'ours', certificates: [{ pem: SAMPLES.notation.authority }] },
  ];
  const at = scene();
  pushEnvelope(at, bytesOf(SAMPLES.notation.envelope));
  assert.equal((await verified(at, policyOf({ trustStores }))).signatures.length, 1);
  await assert.rejects(verified(at), { message: /none of its certificates is in the trust stores/ });
  const other = scene(OTHER);
  pushEnvelope(other, bytesOf(SAMPLES.notation.envelope));
  await assert.rejects(verified(other, policyOf({ trustStores })), { message: /it is for another artifact/ });
});

test('what cosign attested is verified beside its artifact, and refused beside another', async () => {
  const policy = await policyInForce(
    {
      provider: 'cosign',
      keys: [{ pem: SAMPLES.cosign.key }],
      identities: [],
      transparencyLog: false,
      require: 'any',
      signature: false,
      attestations: [{ type: 'provenance', builder: BUILDER, source: SOURCE, parameters: [], where: [] }],
    } satisfies CosignPolicy,
    {},
  );
  const repository = parseRepository('oci://registry.example/app');
  const judged = ({ registry, digest }: ReturnType<typeof scene>) => {
    pushBundle(registry, digest, JSON.parse(bytesOf(SAMPLES.cosign.bundle).toString()));
    return verifyDigest({ repository, digest, policy }, registry);
  };
  assert.equal((await judged(scene())).signatures.length, 1);
  await assert.rejects(judged(scene(OTHER)), { message: /none of its subjects is/ });
});

const USE = Buffer.from('06082b06010505070308', 'hex');

test('of a trusted root an authority counts for time stamps only where its certificate is for those alone', () => {
  const authority = mintAuthority();
  const counted = (...more: readonly Buffer[]): number => {
    const leaf = mintLeaf(authority, WORKFLOW, { uses: [], more });
    const text = JSON.stringify({
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      timestampAuthorities: [authorityOf(leaf)],
      note: digestOf(leaf.certificate.raw),
    });
    return readTrustedRoot(text, 'ours').material.timestampAuthorities.length;
  };
  const code = Buffer.from('06082b06010505070303', 'hex');
  assert.equal(counted(extension('0603551d25', sequence(USE), true)), 1);
  assert.equal(counted(extension('0603551d25', sequence(USE))), 0, 'not critical');
  assert.equal(counted(extension('0603551d25', sequence(USE, code), true)), 0, 'for more');
  assert.equal(counted(extension('0603551d25', sequence(code), true)), 0, 'for signing code');
  assert.equal(counted(), 0, 'for nothing');
});
