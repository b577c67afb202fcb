import { messageOf } from '../../errors.ts';
import type { JsonObject } from '../../kernel/json.ts';
import { quoted } from '../found/quoted.ts';
import { refuse } from '../found/refuse.ts';
import { algorithmOfKey, isSignedBy } from './algorithm.ts';
import { type Cbor, type CborMap, cborBytes, isMap, isTagged, parseCbor } from './cbor.ts';
import { readChain } from './certificate-chain.ts';
import { PAYLOAD_TYPE, type SignedEnvelope } from './envelope.ts';
import { AUTHENTIC_TIME, EXPIRY, SIGNING_TIME, signedTimes, TIME_STAMP } from './signed-header.ts';

export const COSE_TYPE = 'application/cose';

/** COSE_Sign1. @see https://www.rfc-editor.org/rfc/rfc9052#section-4.2 */
const SIGN_ONE = 18;
const EPOCH = 1;
const [ALGORITHM, CRITICAL, CONTENT_TYPE, CHAIN] = [1, 2, 3, 33] as const;
/** @see https://www.iana.org/assignments/cose */
const ALGORITHMS: ReadonlyMap<Cbor | undefined, string> = new Map<Cbor, string>([
  [-7, 'ES256'],
  [-35, 'ES384'],
  [-36, 'ES512'],
  [-37, 'PS256'],
  [-38, 'PS384'],
  [-39, 'PS512'],
]);
const TIMES: readonly (number | string)[] = [SIGNING_TIME, AUTHENTIC_TIME, EXPIRY];

function read(bytes: Buffer, what: string): Cbor {
  try {
    return parseCbor(bytes);
  } catch (cause) {
    throw refuse(`${what} cannot be read: ${messageOf(cause)}`, cause);
  }
}

function timeText(value: Cbor, label: string | number): string {
  const seconds = isTagged(value, EPOCH) && typeof value.value === 'number' ? value.value : Number.NaN;
  const time = new Date(seconds * 1000);
  if (Number.isNaN(time.getTime())) throw refuse(`its ${label} is no time`);
  return time.toISOString();
}

/** No number is taken for the text that looks like it. */
const nameOf = (label: Cbor): string | undefined => {
  if (typeof label === 'number') return label === CRITICAL ? 'crit' : `label ${label}`;
  return typeof label === 'string' && label !== 'crit' ? label : undefined;
};

/** As a header of JWS has it, whose rules are the same: times as text, labels by name. */
function headerOf(map: CborMap): JsonObject {
  const entries = [...map].map(([label, value]) => {
    const name = nameOf(label);
    if (name === undefined) throw refuse('its header has a label that it may not have');
    if (TIMES.includes(label)) return [name, timeText(value, label)];
    return [name, label === CRITICAL && Array.isArray(value) ? value.map(nameOf) : value];
  });
  return Object.fromEntries(entries) as JsonObject;
}

function chainOf(unsigned: CborMap): SignedEnvelope['chain'] {
  const chain = unsigned.get(CHAIN);
  if (!Array.isArray(chain) || !chain.every((each) => Buffer.isBuffer(each)))
    throw refuse('its header has no chain of certificates');
  return readChain(chain);
}

interface Parts {
  readonly header: Buffer;
  readonly signed: CborMap;
  readonly unsigned: CborMap;
  readonly payload: Buffer;
  readonly signature: Buffer;
}

function partsOf(bytes: Buffer): Parts {
  const envelope = read(bytes, 'its envelope');
  if (!isTagged(envelope, SIGN_ONE) || !Array.isArray(envelope.value))
    throw refuse('its envelope is no COSE_Sign1');
  const [header, unsigned, payload, signature, ...more] = envelope.value as readonly Cbor[];
  if (
    !Buffer.isBuffer(header) ||
    !isMap(unsigned) ||
    !Buffer.isBuffer(payload) ||
    !Buffer.isBuffer(signature)
  )
    throw refuse('its envelope is no COSE_Sign1');
  if (more.length > 0) throw refuse('its envelope has more than a COSE_Sign1 has');
  const signed = read(header, 'its protected header');
  if (!isMap(signed)) throw refuse('its protected header is no map');
  const twice = [...signed.keys()].find((label) => unsigned.has(label));
  if (twice !== undefined) throw refuse(`its header has ${quoted(twice)} signed and not signed`);
  return { header, signed, unsigned, payload, signature };
}

/** @see https://www.rfc-editor.org/rfc/rfc9052#section-4.4 */
const signedBytes = (header: Buffer, payload: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from('\x84\x6aSignature1', 'latin1'),
    cborBytes(header),
    cborBytes(Buffer.alloc(0)),
    cborBytes(payload),
  ]);

/**
 * Reads an envelope in COSE, and proves that its first certificate signed it. Who that is, is not looked at.
 * @see https://github.com/notaryproject/specifications/blob/main/specs/signature-envelope-cose.md
 * @throws LandfallError SIGNATURE_REFUSED
 */
export function readCose(bytes: Buffer): SignedEnvelope {
  const { header, signed, unsigned, payload, signature } = partsOf(bytes);
  const type = signed.get(CONTENT_TYPE);
  if (type !== PAYLOAD_TYPE) throw refuse(`its payload is of type ${quoted(type)}, wanted ${PAYLOAD_TYPE}`);
  const times = signedTimes(headerOf(signed));
  const chain = chainOf(unsigned);
  const [signer] = chain;
  const { name } = algorithmOfKey(signer.publicKey);
  const algorithm = signed.get(ALGORITHM);
  if (ALGORITHMS.get(algorithm) !== name)
    throw refuse(`it is signed by ${quoted(algorithm)}, and its certificate's key signs by ${name}`);
  if (!isSignedBy(signer, signedBytes(header, payload), signature))
    throw refuse('its certificate did not sign it');
  const timeStamp = unsigned.get(TIME_STAMP);
  if (timeStamp !== undefined && !Buffer.isBuffer(timeStamp)) throw refuse('its time stamp is no bytes');
  return { ...times, chain, payload, signature, timeStamp };
}
