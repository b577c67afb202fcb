import { generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto';
import { der, octets, sequence } from './der.ts';
import type { Identity } from './scaffold.ts';

export interface Keys {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export interface Minted {
  readonly keys: Keys;
  readonly certificate: X509Certificate;
}

/** Object identifiers as they are in DER. */
const OID = {
  ecdsaSha256: '06082a8648ce3d040302',
  commonName: '0603550403',
  keyUsage: '0603551d0f',
  subjectAltName: '0603551d11',
  basicConstraints: '0603551d13',
  extKeyUsage: '0603551d25',
  codeSigning: '06082b06010505070303',
  timeStamping: '06082b06010505070308',
  fulcioIssuer: '060a2b0601040183bf300108',
  /** 1.2.3.4, which nobody knows. */
  unknown: '06032a0304',
} as const;

const NAMES: Readonly<Record<string, string>> = {
  CN: OID.commonName,
  C: '0603550406',
  ST: '0603550408',
  O: '060355040a',
};

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const TRUE = hex('0101ff');
export const ALGORITHM = sequence(hex(OID.ecdsaSha256));

/** How a certificate is signed: as it says, and as it is. */
export interface Signing {
  readonly algorithm: Buffer;
  readonly sign: (bytes: Uint8Array, key: KeyObject) => Buffer;
}
const BY_DEFAULT: Signing = { algorithm: ALGORITHM, sign: (bytes, key) => sign('sha256', bytes, key) };

export const extension = (oid: string, value: Uint8Array, isCritical = false): Buffer =>
  sequence(hex(oid), ...(isCritical ? [TRUE] : []), octets(value));
/** `CN=leaf, O=acme`: what names have, in that order. */
export const nameOf = (text: string): Buffer =>
  sequence(
    ...text.split(', ').map((part) => {
      const [key = '', value = ''] = part.includes('=') ? part.split('=') : ['CN', part];
      return der(0x31, sequence(hex(NAMES[key] ?? ''), der(0x0c, Buffer.from(value))));
    }),
  );
export const timeOf = (date: Date): Buffer =>
  der(0x17, Buffer.from(`${date.toISOString().replaceAll(/[-:T]/g, '').slice(2, 14)}Z`));

const MINUTE = 60_000;
/** From so many minutes ago until so many from now. */
export type Span = readonly [from: number, to: number];

interface Wanted {
  /** As {@link nameOf} takes it, or in DER. */
  readonly subject: string | Buffer;
  readonly issuer?: string;
  readonly keys: Keys;
  readonly span?: Span;
  readonly extensions: readonly Buffer[];
  readonly signing?: Signing;
}

/** What authorities are called. */
export const AUTHORITY_NAME = 'ours';

/** A certificate with whatever it is asked to have, signed by the issuer's key. */
export function minted(wanted: Wanted, issuer: Keys): Minted {
  const { subject, issuer: issuerName = AUTHORITY_NAME, keys, extensions, signing = BY_DEFAULT } = wanted;
  const [from, to] = wanted.span ?? [-60, 60];
  const at = (minutes: number): Buffer => timeOf(new Date(Date.now() + minutes * MINUTE));
  const signed = sequence(
    hex('a003020102'),
    hex('020101'),
    signing.algorithm,
    nameOf(issuerName),
    sequence(at(from), at(to)),
    typeof subject === 'string' ? nameOf(subject) : subject,
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = der(0x03, hex('00'), signing.sign(signed, issuer.privateKey));
  return { keys, certificate: new X509Certificate(sequence(signed, signing.algorithm, signature)) };
}

const ecKeys = (): Keys => generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** @param usage null: it does not say what its key is for */
export function mintAuthority(span: Span = [-60, 60], usage: string | null = '03020204'): Minted {
  const keys = ecKeys();
  const extensions = [
    extension(OID.basicConstraints, sequence(TRUE), true),
    ...(usage === null ? [] : [extension(OID.keyUsage, hex(usage), true)]),
  ];
  return minted({ subject: AUTHORITY_NAME, keys, span, extensions }, keys);
}

export interface LeafOptions {
  readonly span?: Span;
  readonly keys?: Keys;
  readonly uses?: readonly (keyof typeof OID)[];
  /** In place of the one of the identity. */
  readonly subjects?: readonly Uint8Array[];
  /** Has an extension that nobody knows, and whether it says that who does not know it must not go on. */
  readonly unknown?: 'critical' | 'plain';
  /** E.g. `C=US, ST=WA, O=acme`; default `leaf`. */
  readonly name?: string;
  /** What its issuer is called; default {@link AUTHORITY_NAME}. */
  readonly issuer?: string;
  /** Bits of what its key is for, in DER; default digitalSignature. */
  readonly usage?: string;
  /** More extensions, in DER. */
  readonly more?: readonly Buffer[];
}

/** What Fulcio would issue, with whatever is wrong with it. */
export function mintLeaf(
  authority: Minted,
  { issuer, subject }: Identity,
  options: LeafOptions = {},
): Minted {
  const { span = [-5, 5], keys = ecKeys(), uses = ['codeSigning'], unknown } = options;
  const { subjects = [Buffer.from(subject)], name = 'leaf', usage = '03020780', more = [] } = options;
  const extensions = [
    extension(OID.keyUsage, hex(usage), true),
    ...(uses.length > 0 ? [extension(OID.extKeyUsage, sequence(...uses.map((use) => hex(OID[use]))))] : []),
    extension(OID.subjectAltName, sequence(...subjects.map((each) => der(0x86, each))), true),
    extension(OID.fulcioIssuer, der(0x0c, Buffer.from(issuer))),
    ...(unknown === undefined ? [] : [extension(OID.unknown, hex('0500'), unknown === 'critical')]),
    ...more,
  ];
  const named = options.issuer === undefined ? {} : { issuer: options.issuer };
  return minted({ subject: name, ...named, keys, span, extensions }, authority.keys);
}

/** As a trusted root names it. */
export const authorityOf = ({ certificate }: Minted) => ({
  uri: 'https://authority.example',
  certChain: { certificates: [{ rawBytes: certificate.raw.toString('base64') }] },
  validFor: { start: new Date(Date.now() - 60 * MINUTE).toISOString() },
});
