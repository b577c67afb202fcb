import { generateKeyPairSync } from 'node:crypto';
import type { Digest } from '../../shared/oci/digest.ts';
import { hexOf } from '../../shared/oci/digest.ts';
import { OCI_EMPTY, OCI_MANIFEST } from '../../shared/oci/media-types.ts';
import { parseRepository } from '../../shared/oci/reference.ts';
import { policyInForce } from '../../shared/verify/in-force/policy-in-force.ts';
import type { AttestationRule } from '../../shared/verify/policy/attestation-rule.ts';
import type { CosignPolicy } from '../../shared/verify/policy/policy.ts';
import { verifyDigest } from '../../shared/verify/verify.ts';
import { MemoryRegistry } from '../support/servers/memory-registry.ts';
import { envelopeOf, keyBundle, pushBundle, putBlob, statementOf } from './signing.ts';

const pair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const OURS = pair();
export const THEIRS = pair();
const repository = parseRepository('oci://registry.example/app');
const pem = OURS.publicKey.export({ type: 'spki', format: 'pem' }).toString();

export interface Said {
  readonly type: string;
  readonly predicate: unknown;
  readonly by?: typeof OURS;
  readonly of?: Digest;
  readonly form?: 'bundle' | 'layer';
}

const statement = (digest: Digest, { type, predicate, of = digest }: Said): Buffer =>
  Buffer.from(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'registry.example/app', digest: { sha256: hexOf(of) } }],
      predicateType: type,
      predicate,
    }),
  );

/** Pushes envelopes as `sha256-<hex>.att`, a layer each, as `cosign attest --new-bundle-format=false` does. */
function pushAttestations(registry: MemoryRegistry, digest: Digest, envelopes: readonly unknown[]): void {
  const layers = envelopes.map((envelope) => ({
    ...putBlob(registry, 'application/vnd.dsse.envelope.v1+json', Buffer.from(JSON.stringify(envelope))),
    annotations: { 'dev.cosignproject.cosign/signature': '', predicateType: 'whatever' },
  }));
  const config = putBlob(registry, OCI_EMPTY, Buffer.from('{}'));
  const manifest = { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers };
  registry.push(`sha256-${hexOf(digest)}.att`, Buffer.from(JSON.stringify(manifest)));
}

export async function judged(
  rules: readonly AttestationRule[],
  said: readonly Said[],
  more: Partial<CosignPolicy> = {},
) {
  const registry = new MemoryRegistry();
  const digest = registry.push('1.0.0');
  const envelopes = said.map((each) => ({
    form: each.form ?? 'bundle',
    envelope: envelopeOf(statement(digest, each), { key: (each.by ?? OURS).privateKey, hash: 'sha256' }),
  }));
  for (const { form, envelope } of envelopes)
    if (form === 'bundle') pushBundle(registry, digest, keyBundle(envelope));
  const layers = envelopes.flatMap(({ form, envelope }) => (form === 'layer' ? [envelope] : []));
  if (layers.length > 0) pushAttestations(registry, digest, layers);
  if (more.signature !== false)
    pushBundle(
      registry,
      digest,
      keyBundle(envelopeOf(statementOf(digest), { key: OURS.privateKey, hash: 'sha256' })),
    );
  const policy = await policyInForce(
    {
      ...{ provider: 'cosign', keys: [{ pem }], identities: [], transparencyLog: false, require: 'any' },
      attestations: rules,
      ...more,
    } as CosignPolicy,
    {},
  );
  return verifyDigest({ repository, digest, policy }, registry);
}
