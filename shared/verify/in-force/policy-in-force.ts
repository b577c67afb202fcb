import { LandfallError } from '../../errors.ts';
import { type Digest, digestOf } from '../../oci/digest.ts';
import type { AttestationRule } from '../policy/attestation-rule.ts';
import { defaultRoot, type RootText } from '../policy/default-root.ts';
import { parseKmsKey } from '../policy/kms-key.ts';
import {
  type CosignPolicy,
  type IdentityRule,
  neededOf,
  needsRoot,
  type SignerKey,
  type VerifyPolicy,
} from '../policy/policy.ts';
import { type PolicyKey, readPublicDer, readPublicKey } from '../policy/public-key.ts';
import { readLocation } from '../policy/read-location.ts';
import type { TrustOptions } from '../policy/trust-sources.ts';
import type { NotationInForce } from './notation-in-force.ts';

/** A policy of cosign with what its files have now. */
export interface CosignInForce {
  readonly provider: 'cosign';
  /** What the installation calls it; absent: it is the source's own. */
  readonly name?: string;
  /** Each once, however often it is named: two names of one key are one signer. */
  readonly keys: readonly PolicyKey[];
  readonly identities: readonly IdentityRule[];
  readonly transparencyLog: boolean;
  /** How many different signers it wants; 0: its attestations are enough. */
  readonly needed: number;
  readonly attestations: readonly AttestationRule[];
  /** Whose certificates, logs and time stamps are believed; undefined: nothing of it has to be looked up. */
  readonly root: RootText | undefined;
  /** Of all of it. */
  readonly digest: Digest;
}

async function rootOf({ trustedRoot }: CosignPolicy, options: TrustOptions): Promise<RootText> {
  if (trustedRoot === undefined) return defaultRoot();
  if ('tuf' in trustedRoot) {
    if (options.trust === undefined)
      throw new LandfallError('NOT_SUPPORTED', `verify: ${trustedRoot.tuf}: no root is refreshed here`);
    return (await import('../tuf/tuf-roots.ts')).tufRoot(trustedRoot, options.trust, options);
  }
  const given = await readLocation(trustedRoot, options);
  return { ...given, digest: digestOf(given.text) };
}

async function keyOf(key: SignerKey, options: TrustOptions): Promise<PolicyKey> {
  if ('kms' in key) {
    const { trust } = options;
    if (trust !== undefined) return readPublicDer(await trust.kmsKey(parseKmsKey(key.kms), options), key.kms);
    throw new LandfallError('NOT_SUPPORTED', `verify: ${key.kms}: no KMS can be asked here`);
  }
  const { text, where } = await readLocation(key, options);
  return readPublicKey(text, where);
}

/** A policy that anything meets lets anybody in. */
const ofNobody = (why: string): LandfallError =>
  new LandfallError('CONFIG_INVALID', `verify: nobody would have to sign: ${why}`, {
    hint: 'Give at least one of keys or identities, and require any, all or a number from 1.',
  });

const distinct = (keys: readonly PolicyKey[]): readonly PolicyKey[] => [
  ...new Map(keys.map((key) => [key.fingerprint, key])).values(),
];

/** A policy with what its files have now. */
export type PolicyInForce = CosignInForce | NotationInForce;

/**
 * Reads the files, and the keys of a KMS, that a policy names.
 * @throws LandfallError CONFIG_UNREADABLE, CONFIG_INVALID, TRUST_UNAVAILABLE
 */
export const policyInForce = async (policy: VerifyPolicy, options: TrustOptions): Promise<PolicyInForce> =>
  policy.provider === 'cosign'
    ? cosignInForce(policy, options)
    : (await import('./notation-in-force.ts')).notationInForce(policy, options);

async function cosignInForce(policy: CosignPolicy, options: TrustOptions): Promise<CosignInForce> {
  const { provider, identities, transparencyLog } = policy;
  const keys = distinct(await Promise.all(policy.keys.map((key) => keyOf(key, options))));
  const { attestations = [], signature = true } = policy;
  const wanted = neededOf(policy);
  const needed = signature ? wanted : 0;
  if (keys.length + identities.length === 0) throw ofNobody('it has neither keys nor identities');
  // So that what is no number is refused too.
  if (!(needed >= 1) && attestations.length === 0) throw ofNobody('it requires no signer and no attestation');
  if (needed > keys.length + identities.length)
    throw new LandfallError(
      'CONFIG_INVALID',
      `verify: ${needed} signers are required, and it has ${keys.length + identities.length} different ones`,
      { hint: 'Each key counts once, however often it is named.' },
    );
  const root = needsRoot(policy) ? await rootOf(policy, options) : undefined;
  const facts = {
    provider,
    needed,
    transparencyLog,
    keys: keys.map(({ fingerprint }) => fingerprint),
    identities: identities.map(({ issuer, issuerPattern, subject, subjectPattern }) =>
      [issuer, issuerPattern, subject, subjectPattern].map((part) => part ?? null),
    ),
    root: root?.digest ?? null,
    ...(attestations.length > 0 && { attestations }),
  };
  const digest = digestOf(JSON.stringify(facts));
  const { name } = policy;
  return {
    provider,
    ...(name !== undefined && { name }),
    keys,
    identities,
    transparencyLog,
    needed,
    attestations,
    root,
    digest,
  };
}
