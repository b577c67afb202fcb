import { type KeyObject, sign } from 'node:crypto';
import { type Digest, digestOf, hexOf } from '../../shared/oci/digest.ts';
import { OCI_EMPTY, OCI_MANIFEST } from '../../shared/oci/media-types.ts';
import type { MemoryRegistry } from '../support/servers/memory-registry.ts';

export const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
export const SIGN = 'https://sigstore.dev/cosign/sign/v1';

const EMPTY = { mediaType: OCI_EMPTY, digest: digestOf('{}'), size: 2 };

/** Puts bytes beside the artifact, and gives their descriptor. */
export function putBlob({ blobs }: MemoryRegistry, mediaType: string, bytes: Uint8Array) {
  const digest = digestOf(bytes);
  blobs.set(digest, bytes);
  return { mediaType, digest, size: bytes.length };
}

/** What `cosign sign` of version 2 says of a digest, as its SIGNATURE_SPEC.md has it. */
export const payloadOf = (digest: string): Buffer =>
  Buffer.from(
    JSON.stringify({
      critical: {
        identity: { 'docker-reference': 'registry.example/app' },
        image: { 'docker-manifest-digest': digest },
        type: 'cosign container image signature',
      },
      optional: null,
    }),
  );

export interface LayerSignature {
  readonly payload: Uint8Array;
  readonly signature: string;
  readonly more?: Readonly<Record<string, string>>;
}

/** Pushes them as `sha256-<hex>.sig`, a layer each. */
export function pushLayers(
  registry: MemoryRegistry,
  digest: Digest,
  signatures: readonly LayerSignature[],
): void {
  const layers = signatures.map(({ payload, signature, more }) => ({
    ...putBlob(registry, 'application/vnd.dev.cosign.simplesigning.v1+json', payload),
    annotations: { 'dev.cosignproject.cosign/signature': signature, ...more },
  }));
  const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: EMPTY.digest, size: 2 };
  const manifest = { schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers };
  registry.push(`sha256-${hexOf(digest)}.sig`, Buffer.from(JSON.stringify(manifest)));
}

/** What `cosign sign` of version 3 says of a digest. */
export const statementOf = (digest: Digest, predicateType = SIGN): Buffer =>
  Buffer.from(
    JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ digest: { sha256: hexOf(digest) } }],
      predicateType,
      predicate: {},
    }),
  );

export const encoded = (type: string, payload: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload]);

export interface Envelope {
  readonly payload: string;
  readonly payloadType: string;
  readonly signatures: readonly { readonly sig: string; readonly keyid: string }[];
}

export function envelopeOf(
  payload: Buffer,
  {
    key,
    hash,
    type = 'application/vnd.in-toto+json',
  }: { readonly key: KeyObject; readonly hash: string | null; readonly type?: string },
): Envelope {
  const sig = sign(hash, encoded(type, payload), key).toString('base64');
  return { payload: payload.toString('base64'), payloadType: type, signatures: [{ sig, keyid: '' }] };
}

/** A bundle of a key, without logs, as `cosign sign --key --tlog-upload=false` writes it. */
export const keyBundle = (dsseEnvelope: Envelope) => ({
  mediaType: BUNDLE,
  verificationMaterial: { publicKey: { hint: '' }, tlogEntries: [] },
  dsseEnvelope,
});

/** Pushes a bundle as a referrer of a digest. */
export function pushBundle(
  registry: MemoryRegistry,
  digest: Digest,
  bundle: unknown,
  subject = digest,
): void {
  const layer = putBlob(registry, BUNDLE, Buffer.from(JSON.stringify(bundle)));
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      artifactType: BUNDLE,
      config: EMPTY,
      layers: [layer],
      subject: { mediaType: OCI_MANIFEST, digest: subject, size: 1 },
    }),
  );
  const manifest = registry.push(
    `referrer-${registry.referring.size}-${digestOf(bytes).slice(7, 19)}`,
    bytes,
  );
  const listed = { mediaType: OCI_MANIFEST, digest: manifest, size: bytes.length, artifactType: BUNDLE };
  registry.referring.set(digest, [...(registry.referring.get(digest) ?? []), listed]);
}
