import { constants, sign } from 'node:crypto';
import { type Digest, digestOf } from '../../shared/oci/digest.ts';
import { OCI_EMPTY, OCI_MANIFEST } from '../../shared/oci/media-types.ts';
import { parseRepository } from '../../shared/oci/reference.ts';
import { policyInForce } from '../../shared/verify/in-force/policy-in-force.ts';
import type { NotationPolicy } from '../../shared/verify/policy/policy.ts';
import type { TrustOptions } from '../../shared/verify/policy/trust-sources.ts';
import { verifyDigest } from '../../shared/verify/verify.ts';
import { MemoryRegistry } from '../support/servers/memory-registry.ts';
import { type LeafOptions, type Minted, mintAuthority, mintLeaf } from './minted-certificate.ts';
import { WORKFLOW } from './scaffold.ts';
import { putBlob } from './signing.ts';

export const NAME = 'C=US, ST=WA, O=acme, CN=release';
export const IDENTITY = 'x509.subject: C=US, ST=WA, O=acme';
const repository = parseRepository('oci://registry.example/app');
const NOTARY = 'io.cncf.notary.';

export const AUTHORITY = mintAuthority();
export const signer = (options: LeafOptions = {}, authority = AUTHORITY): Minted =>
  mintLeaf(authority, WORKFLOW, { name: NAME, ...options });
export const SIGNER = signer();

export interface Scene {
  readonly registry: MemoryRegistry;
  readonly digest: Digest;
  readonly target: Readonly<Record<string, unknown>>;
}

/** An artifact that nobody has signed yet. */
export async function scene(): Promise<Scene> {
  const registry = new MemoryRegistry();
  const digest = registry.push('1.0.0');
  const { bytes } = await registry.manifest(repository, digest);
  registry.calls.splice(0);
  return { registry, digest, target: { mediaType: OCI_MANIFEST, digest, size: bytes.length } };
}

export interface Wanted {
  readonly signer?: Minted;
  /** Signer's first. */
  readonly chain?: readonly Minted[];
  readonly header?: Readonly<Record<string, unknown>>;
  readonly unsigned?: Readonly<Record<string, unknown>>;
  readonly payload?: unknown;
  readonly outer?: Readonly<Record<string, unknown>>;
  readonly timeStamp?: (signature: Buffer) => Promise<Buffer>;
}

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const seconds = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;

/** An envelope as `notation sign` writes it, with whatever is wrong with it. */
export async function envelopeOf({ target }: Scene, wanted: Wanted = {}) {
  const {
    signer: by = SIGNER,
    chain = [by, AUTHORITY],
    header,
    unsigned,
    payload,
    outer,
    timeStamp,
  } = wanted;
  const given = {
    alg: 'ES256',
    cty: 'application/vnd.cncf.notary.payload.v1+json',
    crit: [`${NOTARY}signingScheme`],
    [`${NOTARY}signingScheme`]: 'notary.x509',
    [`${NOTARY}signingTime`]: seconds(new Date()),
    ...header,
  };
  const body = base64url(payload ?? { targetArtifact: target });
  const text = `${base64url(given)}.${body}`;
  const isRsa = by.keys.privateKey.asymmetricKeyType === 'rsa';
  const key = isRsa
    ? {
        key: by.keys.privateKey,
        padding: constants.RSA_PKCS1_PSS_PADDING,
        saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
      }
    : { key: by.keys.privateKey, dsaEncoding: 'ieee-p1363' as const };
  const hash = `sha${String(given.alg).slice(2)}`;
  const signature = sign(/^sha(256|384|512)$/.test(hash) ? hash : 'sha256', Buffer.from(text), key);
  return {
    payload: body,
    protected: text.split('.')[0],
    header: {
      x5c: chain.map(({ certificate }) => certificate.raw.toString('base64')),
      'io.cncf.notary.signingAgent': 'tests',
      ...(timeStamp && {
        'io.cncf.notary.timestampSignature': (await timeStamp(signature)).toString('base64'),
      }),
      ...unsigned,
    },
    signature: signature.toString('base64url'),
    ...outer,
  };
}

/** Pushes an envelope as a referrer of a digest. */
export function pushEnvelope(
  { registry, digest }: Pick<Scene, 'registry' | 'digest'>,
  envelope: unknown,
  { subject = digest, type = 'application/jose+json' } = {},
): void {
  const bytes = envelope instanceof Uint8Array ? envelope : Buffer.from(JSON.stringify(envelope));
  const layer = putBlob(registry, type, bytes);
  const artifactType = 'application/vnd.cncf.notary.signature';
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      artifactType,
      config: { mediaType: OCI_EMPTY, digest: digestOf('{}'), size: 2 },
      layers: [layer],
      subject: { mediaType: OCI_MANIFEST, digest: subject, size: 1 },
    }),
  );
  const pushed = registry.push(`referrer-${digestOf(manifest).slice(7, 19)}`, manifest);
  const listed = { mediaType: OCI_MANIFEST, digest: pushed, size: manifest.length, artifactType };
  registry.referring.set(digest, [...(registry.referring.get(digest) ?? []), listed]);
}

/** What our authority's customers may sign. */
export const policyOf = (more: Partial<NotationPolicy> = {}, authority = AUTHORITY): NotationPolicy => ({
  provider: 'notation',
  trustStores: [{ type: 'ca', name: 'ours', certificates: [{ pem: authority.certificate.toString() }] }],
  trustedIdentities: [IDENTITY],
  ...more,
});

export async function verified(
  { registry, digest }: Pick<Scene, 'registry' | 'digest'>,
  policy = policyOf(),
  options: TrustOptions = {},
) {
  return verifyDigest({ repository, digest, policy: await policyInForce(policy, options) }, registry);
}
