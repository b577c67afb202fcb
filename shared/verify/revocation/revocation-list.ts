import {
  BITS,
  derParts,
  derTime,
  ENUMERATED,
  type Extension,
  extensionsOf,
  fewParts,
  INTEGER,
  isTime,
  onlyPart,
  SEQUENCE,
} from './der.ts';

/** A list of revoked certificates (CRL), its signature not looked at. */
export interface RevocationList {
  /** What is signed. */
  readonly signed: Buffer;
  readonly algorithm: Buffer;
  readonly signature: Buffer;
  /** In DER. */
  readonly issuer: Buffer;
  /** Undefined: it says none. */
  readonly nextUpdate: Date | undefined;
  readonly extensions: ReadonlyMap<string, Extension>;
  /** Content of `revokedCertificates`. */
  readonly entries: Buffer;
}

/** Of what is signed. */
const LIST_PARTS = 7;
const EMPTY = Buffer.alloc(0);

/** @see https://www.rfc-editor.org/rfc/rfc5280#section-5.1 @throws Error */
export function parseRevocationList(der: Buffer): RevocationList {
  const [signed, algorithm, signature] = fewParts(onlyPart(der, SEQUENCE).value, 3);
  if (signature?.tag !== BITS || signature.value[0] !== 0 || !signed || !algorithm)
    throw new Error('it is no list of revoked certificates');
  const parts = fewParts(signed.value, LIST_PARTS);
  const at = parts[0]?.tag === INTEGER ? 1 : 0;
  const [inner, issuer, thisUpdate, next] = parts.slice(at);
  if (!inner || !issuer || !thisUpdate || !isTime(thisUpdate) || !inner.whole.equals(algorithm.whole))
    throw new Error('it is no list of revoked certificates');
  const hasNext = next !== undefined && isTime(next);
  const rest = parts.slice(at + (hasNext ? 4 : 3));
  const [entries] = rest.filter(({ tag }) => tag === SEQUENCE);
  const [extensions] = rest.filter(({ tag }) => tag === 0xa0);
  return {
    signed: signed.whole,
    algorithm: algorithm.value,
    signature: signature.value.subarray(1),
    issuer: issuer.whole,
    nextUpdate: hasNext ? derTime(next) : undefined,
    extensions: extensions === undefined ? new Map() : extensionsOf(extensions.value),
    entries: entries?.value ?? EMPTY,
  };
}

interface Entry {
  readonly revokedAt: Date;
  /** @see https://www.rfc-editor.org/rfc/rfc5280#section-5.3.1 */
  readonly reason: number | undefined;
  /** Since when its key is not to be trusted. */
  readonly invalidSince: Date | undefined;
}

const [REASON, INVALIDITY] = ['551d15', '551d18'] as const;
const [HOLD, REMOVED] = [6, 8] as const;

function entryOf(parts: Buffer): Entry {
  const [, date, list] = derParts(parts);
  if (date === undefined) throw new Error('an entry has no date');
  const extensions = list === undefined ? new Map<string, Extension>() : extensionsOf(list.whole);
  for (const { id, isCritical } of extensions.values())
    if (isCritical && id !== REASON && id !== INVALIDITY)
      throw new Error(`an entry has the critical extension ${id}, which nobody reads`);
  const reason = extensions.get(REASON);
  const since = extensions.get(INVALIDITY);
  return {
    revokedAt: derTime(date),
    reason: reason && onlyPart(reason.value, ENUMERATED).value[0],
    invalidSince: since === undefined ? undefined : derTime(onlyPart(since.value, 0x18)),
  };
}

/**
 * Whether a list has a certificate revoked. What was on hold and was taken off is not; what was signed before its key was not to be
 * trusted any more is not, either.
 * @param signedAt by the word of somebody who is trusted for it; undefined: nobody knows
 * @throws Error where its entry cannot be read
 */
export function isListed(
  { entries }: Pick<RevocationList, 'entries'>,
  serial: Buffer,
  signedAt: Date | undefined,
): boolean {
  let latest: Entry | undefined;
  for (const { value } of derParts(entries)) {
    const [number] = derParts(value);
    if (number?.value.equals(serial) !== true) continue;
    const entry = entryOf(value);
    if (signedAt !== undefined && entry.invalidSince !== undefined && signedAt < entry.invalidSince)
      return false;
    if (entry.reason !== HOLD && entry.reason !== REMOVED) return true;
    if (latest === undefined || latest.revokedAt < entry.revokedAt) latest = entry;
  }
  return latest?.reason === HOLD;
}
