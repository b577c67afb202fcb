import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  X509Certificate,
} from 'node:crypto';
import { initializeCA, initializeCTLog, initializeTLog, initializeTSA } from '@sigstore/mock';
import type { Digest } from '../../shared/oci/digest.ts';
import { isUndated, LOG_FORMS, type LogForm } from './log-forms.ts';
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
  readonly logForm?: LogForm;
  /** Another key than the signer's, in its log entry. */
  readonly logAs?: string;
  /** In place of one that our Fulcio certifies. */
  readonly signer?: Minted;
}

/** Fulcio, its log of certificates and Rekor, with keys of our own: what sigstore-js tests itself with. */
export async function openScaffold() {
  const [caKeys, ctKeys, logKeys, tsaKeys] = [pair(), pair(), pair(), pair()];
  const ctLog = await initializeCTLog(ctKeys);
  const ca = await initializeCA(caKeys, ctLog);
  const log = await initializeTLog(REKOR, logKeys);
  // A whole second: this one writes parts of it as DER does not have them. Later than what it is to stamp.
  const tsa = await initializeTSA(tsaKeys, new Date((Math.floor(Date.now() / 1000) + 60) * 1000));
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
  const authority = (...certificates: readonly ArrayBufferView[]) => ({
    subject: { organization: 'ours', commonName: 'ours' },
    uri: 'https://authority.example',
    certChain: { certificates: certificates.map((each) => ({ rawBytes: base64(each) })) },
    validFor: since,
  });
  const root = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [logOf(logKeys.publicKey, REKOR)],
    certificateAuthorities: [authority(ca.rootCertificate)],
    ctlogs: [logOf(ctKeys.publicKey, 'https://ct.example')],
    timestampAuthorities: [authority(tsa.intCertificate, tsa.rootCertificate)],
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
  const asBundled = (entry: Entry, form: LogForm) => {
    const [kind, version] = form.split(' ');
    const proof = entry.verification?.inclusionProof;
    return {
      logIndex: String(entry.logIndex),
      logId: { keyId: Buffer.from(entry.logID, 'hex').toString('base64') },
      kindVersion: { kind, version },
      integratedTime: isUndated(form) ? '0' : String(entry.integratedTime),
      ...(!isUndated(form) && {
        inclusionPromise: { signedEntryTimestamp: entry.verification?.signedEntryTimestamp },
      }),
      inclusionProof: {
        logIndex: String(proof?.logIndex),
        rootHash: Buffer.from(proof?.rootHash ?? '', 'hex').toString('base64'),
        treeSize: String(proof?.treeSize),
        hashes: [],
        checkpoint: { envelope: proof?.checkpoint },
      },
      canonicalizedBody: entry.body,
    };
  };
  const timeStamp = async (signature: Buffer) => ({
    signedTimestamp: base64(
      await tsa.timestamp({
        artifactHash: createHash('sha256').update(signature).digest(),
        hashAlgorithmOID: '2.16.840.1.101.3.4.2.1',
        nonce: 1,
        policyOID: '1.3.6.1.4.1.57264.2',
      }),
    ),
  });

  /** A bundle as `cosign sign` of version 3 writes it. */
  async function bundle(digest: Digest, identity = WORKFLOW, options: BundleOptions = {}) {
    const { logAs, logForm = 'dsse 0.0.1' } = options;
    const { keys, certificate } = options.signer ?? (await certified(identity));
    const payload = statementOf(digest);
    const hash = keys.publicKey.asymmetricKeyType === 'ed25519' ? null : 'sha256';
    const envelope = envelopeOf(payload, { key: keys.privateKey, hash });
    const der =
      logAs === undefined
        ? { x509Certificate: { rawBytes: certificate.raw.toString('base64') } }
        : { publicKey: { rawBytes: base64(spki(createPublicKey(logAs))) } };
    const pem = logAs ?? certificate.toString();
    const [kind, apiVersion] = logForm.split(' ');
    const spec = LOG_FORMS[logForm]({ envelope, signed: encoded(IN_TOTO, payload), pem, der });
    const entry = await logged({ apiVersion, kind, spec });
    const signature = Buffer.from(envelope.signatures[0]?.sig ?? '', 'base64');
    const rfc3161Timestamps = isUndated(logForm) ? [await timeStamp(signature)] : [];
    return {
      mediaType: BUNDLE,
      verificationMaterial: {
        certificate: { rawBytes: certificate.raw.toString('base64') },
        tlogEntries: [asBundled(entry, logForm)],
        timestampVerificationData: { rfc3161Timestamps },
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

  /** The same with a key in place of a certificate, of which the log may have another. */
  async function keyedLayer(
    digest: Digest,
    keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject },
    logAs: { readonly publicKey: KeyObject } = keys,
  ) {
    const payload = payloadOf(digest);
    const signature = sign('sha256', payload, keys.privateKey).toString('base64');
    const pem = logAs.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    return { payload, signature, more: annotated(await hashedRecord(payload, signature, pem)) };
  }

  return {
    root,
    bundle,
    certified,
    layer,
    keyedLayer,
    encode: (payload: Buffer) => encoded(IN_TOTO, payload),
  };
}
