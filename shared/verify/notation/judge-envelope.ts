import type { X509Certificate } from 'node:crypto';
import { asLandfallError, isLandfallError } from '../../errors.ts';
import { IDENTITY_CHARACTERS } from '../../limits.ts';
import type { VerifiedSignature } from '../../model/verification.ts';
import { refuse } from '../found/refuse.ts';
import type { TrustStores } from '../in-force/notation-in-force.ts';
import { isNamed } from '../policy/distinguished-name.ts';
import type { Check, TrustStatement } from '../policy/trust-policy.ts';
import { checkRevoked, type RevocationOptions } from '../revocation/check-revoked.ts';
import { certifiedName, formatName } from './certified-name.ts';
import type { SignedEnvelope } from './envelope.ts';
import { checkTimes } from './signing-times.ts';

export interface Judging {
  readonly statement: TrustStatement;
  readonly stores: TrustStores;
  readonly now: Date;
  /** How lists of revoked certificates are read. */
  readonly revocation: RevocationOptions;
}

/** What came of an envelope: who signed it, and what failed and is only to be told. */
export interface JudgedEnvelope {
  readonly signature: VerifiedSignature;
  /** Whether every check that proves who signed did well. */
  readonly isAuthentic: boolean;
  readonly tolerated: readonly string[];
}

/** Certificates of the stores of one type that a statement names: types are kept apart, or a CA's customer could be a signing authority. */
const trustedBy = (
  { statement, stores }: Pick<Judging, 'statement' | 'stores'>,
  type: string,
): readonly X509Certificate[] =>
  statement.stores
    .filter((store) => store.startsWith(`${type}:`))
    .flatMap((store) => stores.get(store) ?? []);

function checkAuthenticity({ chain, scheme }: SignedEnvelope, judging: Judging): void {
  const [signer] = chain;
  const type = scheme === 'notary.x509' ? 'ca' : 'signingAuthority';
  const trusted = new Set(trustedBy(judging, type).map(({ fingerprint256 }) => fingerprint256));
  if (!chain.some(({ fingerprint256 }) => trusted.has(fingerprint256)))
    throw refuse(`none of its certificates is in the trust stores of type ${type}`);
  const { identities } = judging.statement;
  if (identities === '*') return;
  const name = certifiedName(signer);
  if (!identities.some((wanted) => isNamed(wanted, name)))
    throw refuse(`it is of ${formatName(name)}, who is none of the trusted identities`);
}

function checkExpiry({ expiry }: SignedEnvelope, { now }: Judging): void {
  if (expiry !== undefined && expiry <= now) throw refuse(`it expired at ${expiry.toISOString()}`);
}

const CHECKS: readonly (readonly [
  Exclude<Check, 'integrity'>,
  (envelope: SignedEnvelope, judging: Judging) => void | Promise<void>,
])[] = [
  ['authenticity', checkAuthenticity],
  ['expiry', checkExpiry],
  [
    'authenticTimestamp',
    (envelope, judging) =>
      checkTimes(envelope, {
        now: judging.now,
        statement: judging.statement,
        trusted: trustedBy(judging, 'tsa'),
        revocation: judging.revocation,
      }),
  ],
  [
    'revocation',
    ({ chain, scheme, signingTime }, { revocation }) => {
      // A signer's own word is nobody's who is trusted for it.
      const isAuthority = scheme === 'notary.x509.signingAuthority';
      return checkRevoked(chain, { ...revocation, signedAt: isAuthority ? signingTime : undefined });
    },
  ],
];

/** Where nobody is trusted, nobody's lists are read: their URLs are anybody's. */
const withoutLists = (judging: Judging): Judging => ({
  ...judging,
  revocation: { ...judging.revocation, unread: 'its list is not read, as nobody trusts it' },
});

const isCancelled = (error: unknown): boolean => isLandfallError(error) && error.code === 'CANCELLED';

const nameOf = (certificate: X509Certificate): string =>
  formatName(certifiedName(certificate)).slice(0, IDENTITY_CHARACTERS);

/**
 * Holds an envelope, whose signature is proven, to a statement of a trust policy: what fails is refused or told, as its level has it.
 * @throws LandfallError SIGNATURE_REFUSED
 */
export async function judgeEnvelope(
  envelope: SignedEnvelope,
  found: string,
  judging: Judging,
): Promise<JudgedEnvelope> {
  const { actions, level } = judging.statement;
  const tolerated: string[] = [];
  let isNobody = false;
  for (const [check, run] of CHECKS) {
    if (actions[check] === 'skip') continue;
    try {
      await run(envelope, isNobody ? withoutLists(judging) : judging);
    } catch (error) {
      if (actions[check] === 'enforce' || isCancelled(error)) throw error;
      if (check === 'authenticity') isNobody = true;
      tolerated.push(`${check}: ${asLandfallError(error).message}`);
    }
  }
  const { chain, signingTime } = envelope;
  const signer = { subject: nameOf(chain[0]), issuer: nameOf(chain.at(-1) ?? chain[0]) };
  return {
    signature: { signer, found, signedAt: signingTime.toISOString(), logIndex: null },
    isAuthentic: !isNobody && (level !== 'audit' || tolerated.length === 0),
    tolerated,
  };
}
