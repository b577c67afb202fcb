import type { SignedEntity } from '@sigstore/verify';
import { LandfallError } from '../errors.ts';

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
      throw new LandfallError(
        'SIGNATURE_REFUSED',
        `its certificate has the critical extension ${id}, which nobody reads`,
      );
  }
}
