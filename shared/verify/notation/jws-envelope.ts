import { asLandfallError } from '../../errors.ts';
import { isObject, type JsonObject } from '../../kernel/json.ts';
import { FREE_SHAPE, objectShape } from '../../oci/json-shape.ts';
import { parseStrictJson } from '../../oci/strict-json.ts';
import { quoted } from '../found/quoted.ts';
import { refuse } from '../found/refuse.ts';
import { strictBase64 } from '../found/strict-base64.ts';
import { algorithmOfKey, isSignedBy } from './algorithm.ts';
import { readChain } from './certificate-chain.ts';
import { PAYLOAD_TYPE, type SignedEnvelope } from './envelope.ts';
import { AUTHENTIC_TIME, EXPIRY, SCHEME, SIGNING_TIME, signedTimes, TIME_STAMP } from './signed-header.ts';

export const JWS_TYPE = 'application/jose+json';

const ENVELOPE = objectShape({
  payload: FREE_SHAPE,
  protected: FREE_SHAPE,
  header: FREE_SHAPE,
  signature: FREE_SHAPE,
});
const PROTECTED = objectShape({
  alg: FREE_SHAPE,
  cty: FREE_SHAPE,
  crit: FREE_SHAPE,
  [SCHEME]: FREE_SHAPE,
  [SIGNING_TIME]: FREE_SHAPE,
  [AUTHENTIC_TIME]: FREE_SHAPE,
  [EXPIRY]: FREE_SHAPE,
});
const isText = (value: unknown): value is string => typeof value === 'string';

function base64url(value: unknown, what: string): Buffer {
  const bytes = isText(value) ? Buffer.from(value, 'base64url') : undefined;
  if (bytes === undefined || bytes.toString('base64url') !== value)
    throw refuse(`its ${what} is no base64url`);
  return bytes;
}

function objectOf(bytes: Uint8Array, what: string, shape: Parameters<typeof parseStrictJson>[2]): JsonObject {
  let value: unknown;
  try {
    value = parseStrictJson(bytes, what, shape);
  } catch (cause) {
    throw refuse(asLandfallError(cause).message, cause);
  }
  if (isObject(value)) return value;
  throw refuse(`${what} is no JSON object`);
}

function chainOf({ x5c }: JsonObject): SignedEnvelope['chain'] {
  if (!Array.isArray(x5c)) throw refuse('its header has no chain of certificates');
  return readChain(
    x5c.map((text: unknown) => {
      const der = isText(text) ? strictBase64(text) : undefined;
      if (der === undefined) throw refuse('a certificate of its chain is no base64');
      return der;
    }),
  );
}

function timeStampOf(header: JsonObject): Buffer | undefined {
  const text = header[TIME_STAMP];
  if (text === undefined) return undefined;
  const bytes = isText(text) ? strictBase64(text) : undefined;
  if (bytes === undefined) throw refuse('its time stamp is no base64');
  return bytes;
}

/**
 * Reads an envelope in JWS JSON, and proves that its first certificate signed it. Who that is, is not looked at.
 * @see https://github.com/notaryproject/specifications/blob/main/specs/signature-envelope-jws.md
 * @throws LandfallError SIGNATURE_REFUSED
 */
export function readJws(bytes: Uint8Array): SignedEnvelope {
  const envelope = objectOf(bytes, 'its envelope', ENVELOPE);
  const unknown = Object.keys(envelope).find((key) => !ENVELOPE_KEYS.has(key));
  if (unknown !== undefined) throw refuse(`its envelope has ${quoted(unknown)}`);
  const header = objectOf(
    base64url(envelope['protected'], 'protected header'),
    'its protected header',
    PROTECTED,
  );
  const unsigned = envelope['header'];
  if (!isObject(unsigned)) throw refuse('its envelope has no header');
  const payload = base64url(envelope['payload'], 'payload');
  const signature = base64url(envelope['signature'], 'signature');
  if (header['cty'] !== PAYLOAD_TYPE)
    throw refuse(`its payload is of type ${quoted(header['cty'])}, wanted ${PAYLOAD_TYPE}`);
  const times = signedTimes(header);
  const chain = chainOf(unsigned);
  const [signer] = chain;
  const { name } = algorithmOfKey(signer.publicKey);
  if (header['alg'] !== name)
    throw refuse(`it is signed by ${quoted(header['alg'])}, and its certificate's key signs by ${name}`);
  const signed = Buffer.from(`${String(envelope['protected'])}.${String(envelope['payload'])}`, 'ascii');
  if (!isSignedBy(signer, signed, signature)) throw refuse('its certificate did not sign it');
  return { ...times, chain, payload, signature, timeStamp: timeStampOf(unsigned) };
}

const ENVELOPE_KEYS: ReadonlySet<string> = new Set(['payload', 'protected', 'header', 'signature']);
