import type { X509Certificate } from 'node:crypto';
import { isLandfallError, messageOf } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { REVOCATION_LISTS } from '../../limits.ts';
import type { ProxyEnv } from '../../registry/http/proxy.ts';
import { quoted } from '../found/quoted.ts';
import { refuse } from '../found/refuse.ts';
import { type CertificateFacts, certificateFacts, hasService, listsOf } from './certificate-facts.ts';
import { checkList } from './check-list.ts';
import { isListed, type RevocationList } from './revocation-list.ts';
import { readRevocationList } from './revocation-lists.ts';

export interface RevocationOptions extends CallOptions {
  readonly now: Date;
  /** For a proxy; undefined: nobody is asked. */
  readonly env: ProxyEnv | undefined;
  /** Whether lists may be on private or loopback addresses. */
  readonly local: boolean;
  /** Why no list is read; absent: they are. */
  readonly unread?: string;
  /** Which check of a trust policy what is not known fails; absent: revocation. */
  readonly overriddenBy?: 'authenticTimestamp';
  /** When something was signed, by the word of somebody who is trusted for it. */
  readonly signedAt?: Date | undefined;
}

const nameOf = ({ subject }: X509Certificate): string => quoted(subject.replaceAll('\n', ', '));

interface RevocationFacts extends CertificateFacts {
  readonly lists: readonly (readonly string[])[];
  readonly isServed: boolean;
}

/** All that is taken apart of it: OpenSSL takes DER that no reader of ours does, and such a one refuses its envelope alone. */
function factsOf(certificate: X509Certificate): RevocationFacts {
  try {
    const facts = certificateFacts(certificate);
    return { ...facts, lists: listsOf(facts), isServed: hasService(facts) };
  } catch (cause) {
    throw refuse(`whether ${nameOf(certificate)} was revoked is said where it cannot be read`, cause);
  }
}

async function checkCertificate(
  certificate: X509Certificate,
  issuer: X509Certificate,
  { now, env, local, signedAt, unread, overriddenBy, signal }: RevocationOptions,
): Promise<void> {
  const { lists, isServed, ...facts } = factsOf(certificate);
  const override = overriddenBy === undefined ? '{ revocation: log } or skip' : `{ ${overriddenBy}: log }`;
  const unknown = (why: string, cause?: unknown) =>
    refuse(
      `whether the certificate of ${nameOf(certificate)} was revoked is not known: ${why} (override: ${override} takes it)`,
      cause,
    );
  if (lists.length === 0) {
    if (isServed) throw unknown('a service (OCSP) says it, which is not asked, and no list');
    return;
  }
  if (lists.some((urls) => urls.length === 0)) throw unknown('it names a list by no URL');
  const urls = lists.flat();
  if (urls.length > REVOCATION_LISTS)
    throw unknown(`it names ${urls.length} lists, wanted at most ${REVOCATION_LISTS}`);
  if (unread !== undefined || env === undefined) throw unknown(unread ?? 'lists are not read here');
  for (const url of urls) {
    let isRevoked: boolean;
    try {
      const check = (list: RevocationList): void => checkList(list, { certificate, facts, issuer, url, now });
      const list = await readRevocationList({ url, local, env, now, check, signal });
      isRevoked = isListed(list, facts.serial, signedAt);
    } catch (error) {
      if (isLandfallError(error) && error.code === 'CANCELLED') throw error;
      const why = messageOf(error);
      throw unknown(`the list at ${quoted(url)}: ${why}`, error);
    }
    if (isRevoked)
      throw refuse(
        `the certificate of ${nameOf(certificate)} was revoked, as the list at ${quoted(url)} says`,
      );
  }
}

/**
 * That none of a chain's certificates was revoked, by the lists that they name. One that names neither a list nor a service is taken,
 * as notation takes it; a root is trusted or not, and is not revoked by itself.
 * @see https://github.com/notaryproject/specifications/blob/main/specs/trust-store-trust-policy.md#certificate-revocation-evaluation
 * @throws LandfallError SIGNATURE_REFUSED, CANCELLED
 */
export async function checkRevoked(
  chain: readonly X509Certificate[],
  options: RevocationOptions,
): Promise<void> {
  for (const [at, issuer] of chain.slice(1).entries()) {
    const certificate = chain[at];
    if (certificate !== undefined) await checkCertificate(certificate, issuer, options);
  }
}
