import type { X509Certificate } from 'node:crypto';
import { refuse } from '../found/refuse.ts';
import type { TrustStatement } from '../policy/trust-policy.ts';
import { checkRevoked, type RevocationOptions } from '../revocation/check-revoked.ts';
import { isGoodIn } from './certificate-time.ts';
import type { SignedEnvelope } from './envelope.ts';

export interface TimeContext {
  readonly now: Date;
  readonly statement: TrustStatement;
  /** Of authorities for time stamps. */
  readonly trusted: readonly X509Certificate[];
  /** Whether certificates of a time stamp were revoked, too. */
  readonly revocation: RevocationOptions;
}

/**
 * That every certificate was good when it was signed: by the word of a signing authority or of a time stamp; else now.
 * @see https://github.com/notaryproject/specifications/blob/main/specs/trust-store-trust-policy.md#authentic-timestamp
 * @throws LandfallError SIGNATURE_REFUSED
 */
export async function checkTimes(
  envelope: SignedEnvelope,
  { now, statement, trusted, revocation }: TimeContext,
): Promise<void> {
  const { chain, scheme, signingTime, timeStamp } = envelope;
  if (scheme === 'notary.x509.signingAuthority') {
    if (!chain.every((each) => isGoodIn(each, signingTime, signingTime)))
      throw refuse('a certificate of its chain was not good when it was signed');
    return;
  }
  const isGoodNow = chain.every((each) => isGoodIn(each, now, now));
  const hasStamps = statement.stores.some((store) => store.startsWith('tsa:'));
  if (!hasStamps || (isGoodNow && !statement.isAlwaysStamped)) {
    if (isGoodNow) return;
    throw refuse('a certificate of its chain is not good now, and no time stamp is looked at');
  }
  if (timeStamp === undefined) throw refuse('it has no time stamp, and its trust policy wants one');
  const { readTimeStamp } = await import('./time-stamp.ts');
  const {
    at: [from, to],
    path,
  } = readTimeStamp(timeStamp, envelope.signature, trusted);
  if (!chain.every((each) => isGoodIn(each, from, to)))
    throw refuse('a certificate of its chain was not good at the time of its time stamp');
  await checkRevoked(path, { ...revocation, overriddenBy: 'authenticTimestamp' });
}
