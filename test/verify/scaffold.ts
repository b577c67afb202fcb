import { createHash, generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { initializeCA, initializeCTLog, initializeTLog } from '@sigstore/mock';
import type { Digest } from '../../shared/oci/digest.ts';
import type { Minted } from './minted-certificate.ts';
import { BUNDLE, encoded, envelopeOf, type LayerSignature, payloadOf, statementOf } from './signing.ts';

const IN_TOTO = 'application/vnd.in-toto+json';
const ISSUER_V2 = '1.3.6.1.4.1.57264.1.8';
const REKOR = 'https://rekor.example';

const pair = (namedCurve = 'P-256') => generateKeyPairSync('ec', { namedCurve });
const base64 = (bytes: ArrayBufferView | Buffer): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' });

export interface Identity {
  readonly issuer: string;
  readonly subject: string;
}

export const WORKFLOW: Identity = {
  issuer: 'https://token.actions.githubusercontent.com',
  subject: 'https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main',
};

interface BundleOptions {
  /** Another key than the signer's, in its log entry. */
  readonly logAs?: string;
  /** In place of one that our Fulcio certifies. */
  readonly signer?: Minted;
}

/** Fulcio, its log of certificates and Rekor, with keys of our own: what sigstore-js tests itself with. */
export async function openScaffold() {
  const [caKeys, ctKeys, logKeys] = [pair(), pair(), pair()];
  const ctLog = await initializeCTLog(ctKeys);
  const ca = await initializeCA(caKeys, ctLog);
  const log = await initializeTLog(REKOR, logKeys);
  const since = { start: new Date(Date.now() - 3_600_000).toISOString() };
  const key = (publicKey: KeyObject) => ({
    rawBytes: base64(spki(publicKey)),
    keyDetails: 'PKIX_ECDSA_P256_SHA_256',
    validFor: since,
  });
  const idOf = (publicKey: KeyObject): string =>
    createHash('sha256').update(spki(publicKey)).digest('base64');
  const logOf = (publicKey: KeyObject, baseUrl: string) => ({
    baseUrl,
    hashAlgorithm: 'SHA2_256',
    publicKey: key(publicKey),
    logId: { keyId: idOf(publicKey) },
  });
  const root = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [logOf(logKeys.publicKey, REKOR)],
    certificateAuthorities: [
      {
        subject: { organization: 'ours', commonName: 'ours' },
        uri: 'https://fulcio.example',
        certChain: { certificates: [{ rawBytes: base64(ca.rootCertificate) }] },
        validFor: since,
      },
    ],
    ctlogs: [logOf(ctKeys.publicKey, 'https://ct.example')],
    timestampAuthorities: [],
  };

  async function certified({ issuer, subject }: Identity) {
    const keys = pair();
    const der = await ca.issueCertificate({
      publicKey: new Uint8Array(spki(keys.publicKey)),
      subjectAltName: subject,
      extensions: [{ oid: ISSUER_V2, value: issuer }],
    });
    return {
      keys,
      certificate: new X509Certificate(Buffer.from(der.buffer, der.byteOffset, der.byteLength)),
    };
  }

  type Entry = Awaited<ReturnType<typeof log.log>>[string];
  async function logged(proposed: object): Promise<Entry> {
    const [entry] = Object.values(await log.log(proposed));
    if (entry === undefined) throw new Error('Rekor took no entry');
    return entry;
  }
  const asBundled = (entry: Entry, kind: string) => ({
    logIndex: String(entry.logIndex),
    logId: { keyId: Buffer.from(entry.logID, 'hex').toString('base64') },
    kindVersion: { kind, version: '0.0.1' },
    integratedTime: String(entry.integratedTime),
    inclusionPromise: { signedEntryTimestamp: entry.verification?.signedEntryTimestamp },
    inclusionProof: {
      logIndex: String(entry.verification?.inclusionProof?.logIndex),
      rootHash: Buffer.from(entry.verification?.inclusionProof?.rootHash ?? '', 'hex').toString('base64'),
      treeSize: String(entry.verification?.inclusionProof?.treeSize),
      hashes: [],
      checkpoint: { envelope: entry.verification?.inclusionProof?.checkpoint },
    },
    canonicalizedBody: entry.body,
  });

  /** A bundle as `cosign sign` of version 3 writes it. */
  async function bundle(digest: Digest, identity = WORKFLOW, { logAs, signer }: BundleOptions = {}) {
    const { keys, certificate } = signer ?? (await certified(identity));
    const payload = statementOf(digest);
    const hash = keys.publicKey.asymmetricKeyType === 'ed25519' ? null : 'sha256';
    const envelope = envelopeOf(payload, { key: keys.privateKey, hash });
    const verifier = Buffer.from(logAs ?? certificate.toString()).toString('base64');
    const [signature] = envelope.signatures;
    const entry = await logged({
      apiVersion: '0.0.1',
      kind: 'dsse',
      spec: {
        envelopeHash: {
          algorithm: 'sha256',
          value: createHash('sha256').update(JSON.stringify(envelope)).digest('hex'),
        },
        payloadHash: { algorithm: 'sha256', value: createHash('sha256').update(payload).digest('hex') },
        signatures: [{ signature: signature?.sig, verifier }],
      },
    });
    return {
      mediaType: BUNDLE,
      verificationMaterial: {
        certificate: { rawBytes: certificate.raw.toString('base64') },
        tlogEntries: [asBundled(entry, 'dsse')],
      },
      dsseEnvelope: envelope,
    };
  }

  async function hashedRecord(payload: Buffer, signature: string, verifier: string): Promise<Entry> {
    return logged({
      apiVersion: '0.0.1',
      kind: 'hashedrekord',
      spec: {
        data: { hash: { algorithm: 'sha256', value: createHash('sha256').update(payload).digest('hex') } },
        signature: { content: signature, publicKey: { content: Buffer.from(verifier).toString('base64') } },
      },
    });
  }
  const annotated = (entry: Entry): Readonly<Record<string, string>> => ({
    'dev.sigstore.cosign/bundle': JSON.stringify({
      SignedEntryTimestamp: entry.verification?.signedEntryTimestamp,
      Payload: {
        body: entry.body,
        integratedTime: entry.integratedTime,
        logIndex: entry.logIndex,
        logID: entry.logID,
      },
    }),
  });

  /** A layer as `cosign sign` of version 2 writes it. */
  async function layer(digest: Digest, identity = WORKFLOW): Promise<LayerSignature> {
    const { keys, certificate } = await certified(identity);
    const payload = payloadOf(digest);
    const signature = sign('sha256', payload, keys.privateKey).toString('base64');
    const pem = certificate.toString();
    const entry = await hashedRecord(payload, signature, pem);
    return { payload, signature, more: { 'dev.sigstore.cosign/certificate': pem, ...annotated(entry) } };
  }

  /** The same with a key in place of a certificate. */
  async function keyedLayer(
    digest: Digest,
    keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject },
  ) {
    const payload = payloadOf(digest);
    const signature = sign('sha256', payload, keys.privateKey).toString('base64');
    const pem = keys.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    return { payload, signature, more: annotated(await hashedRecord(payload, signature, pem)) };
  }

  return { root, bundle, layer, keyedLayer, encode: (payload: Buffer) => encoded(IN_TOTO, payload) };
}
