import { createHash, sign, type X509Certificate } from 'node:crypto';
import { der, octets, sequence } from '../der.ts';
import { ALGORITHM, extension, type Minted } from '../minted-certificate.ts';

const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const integer = (value: number): Buffer => der(0x02, Buffer.from([value]));
const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
const attribute = (hex: string, value: Buffer): Buffer => sequence(oid(hex), der(0x31, value));

const [SIGNED_DATA, TST_INFO] = ['2a864886f70d010702', '2a864886f70d0109100104'] as const;
const [CONTENT_TYPE, MESSAGE_DIGEST] = ['2a864886f70d010903', '2a864886f70d010904'] as const;
const SIGNING_CERTIFICATE_V2 = '2a864886f70d010910022f';
const SHA256 = sequence(oid('608648016503040201'));

/** For time stamps, as critical; with others, and by the way. */
export const clockUse = (isCritical = true, ...others: readonly string[]): Buffer =>
  extension('0603551d25', sequence(oid('2b06010505070308'), ...others.map((hex) => oid(hex))), isCritical);

/** That a token names a certificate by SHA-256, as is the default. */
export const naming = ({ raw }: X509Certificate, ...before: readonly Buffer[]): Buffer =>
  attribute(SIGNING_CERTIFICATE_V2, sequence(sequence(sequence(...before, octets(sha256(raw))))));

/** How far off a clock may be. */
export const accuracy = (seconds: number, millis: number, micros: readonly number[]): Buffer =>
  sequence(integer(seconds), der(0x80, Buffer.from([millis])), der(0x81, Buffer.from(micros)));

export interface Token {
  readonly by: Minted;
  readonly at?: Date;
  readonly embedded?: readonly Minted[];
  /** What of the token comes behind its time. */
  readonly more?: readonly Buffer[];
  readonly attributes?: readonly Buffer[];
  readonly signers?: number;
}

/** A token over bytes, as a service of RFC 3161 gives it, with whatever is wrong with it. */
export function mintToken(stamped: Uint8Array, token: Token): Buffer {
  const { by, at = new Date(), embedded = [by], more = [], signers = 1 } = token;
  const { attributes = [naming(by.certificate)] } = token;
  const time = `${at.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)}Z`;
  const imprint = sequence(SHA256, octets(sha256(stamped)));
  const info = sequence(
    integer(1),
    oid('2a030401'),
    imprint,
    integer(1),
    der(0x18, Buffer.from(time)),
    ...more,
  );
  const signed = Buffer.concat([
    attribute(CONTENT_TYPE, oid(TST_INFO)),
    attribute(MESSAGE_DIGEST, octets(sha256(info))),
    ...attributes,
  ]);
  const signer = sequence(
    integer(1),
    sequence(issuerOf(by.certificate), integer(1)),
    SHA256,
    der(0xa0, signed),
    ALGORITHM,
    octets(sign('sha256', der(0x31, signed), by.keys.privateKey)),
  );
  return sequence(
    oid(SIGNED_DATA),
    der(
      0xa0,
      sequence(
        integer(3),
        der(0x31, SHA256),
        sequence(oid(TST_INFO), der(0xa0, octets(info))),
        der(0xa0, ...embedded.map(({ certificate }) => certificate.raw)),
        der(0x31, ...Array.from({ length: signers }, () => signer)),
      ),
    ),
  );
}

/** The issuer of a certificate in DER, of what is minted: behind its version, serial and algorithm. */
function issuerOf({ raw }: X509Certificate): Buffer {
  const skip = (at: number, isWithin = false): number => {
    const first = raw[at + 1] ?? 0;
    const width = first < 0x80 ? 0 : first & 0x7f;
    return at + 2 + width + (isWithin ? 0 : width === 0 ? first : raw.readUIntBE(at + 2, width));
  };
  const version = skip(skip(0, true), true);
  const from = [1, 2, 3].reduce((at) => skip(at), version);
  return raw.subarray(from, skip(from));
}
