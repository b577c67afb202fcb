import type { SignedEntity } from '@sigstore/verify';
import { refuse } from '../found/refuse.ts';

type Certificate = Extract<SignedEntity['key'], { $case: 'certificate' }>['certificate'];

/** Those that are read: what a key is for, who it names, whether it may certify others, and what it may sign. */
const READ: ReadonlySet<string> = new Set(['2.5.29.15', '2.5.29.17', '2.5.29.19', '2.5.29.37']);

/**
 * Whoever does not know an extension that is critical must not take the certificate.
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-4.2
 * @throws LandfallError SIGNATURE_REFUSED
 */
export function checkCriticalExtensions({ extensions }: Certificate): void {
  for (const { subs } of extensions) {
    const [oid, critical, value] = subs;
    const isCritical = value !== undefined && critical?.toBoolean() === true;
    const id = oid?.toOID() ?? '';
    if (isCritical && !READ.has(id))
      throw refuse(`its certificate has the critical extension ${id}, which nobody reads`);
  }
}

const SUBJECT = '2.5.29.17';
/** @see https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md */
const ISSUER = '1.3.6.1.4.1.57264.1.8';

/**
 * What reads names takes them for ASCII without the highest bit of each byte, and the first of several: with it set, or
 * behind another, a name would be read as one that it is not.
 * @throws LandfallError SIGNATURE_REFUSED
 */
export function checkNames({ extensions }: Certificate): void {
  for (const { subs } of extensions) {
    const id = subs[0]?.toOID();
    const [inner] = subs.at(-1)?.subs ?? [];
    if (inner === undefined || (id !== SUBJECT && id !== ISSUER)) continue;
    const names = id === SUBJECT ? inner.subs : [inner];
    if (names.length !== 1) throw refuse(`its certificate has ${names.length} names, wanted one`);
    if (names.some(({ value }) => value.some((byte) => byte > 0x7f)))
      throw refuse('its certificate names somebody in more than ASCII');
  }
}
