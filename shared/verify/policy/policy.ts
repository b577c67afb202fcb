import { type AttestationRule, describeRule } from './attestation-rule.ts';
import type { Level, Overrides, StoreType } from './trust-policy.ts';

/** Where a public key is: PEM in a file, or in the document itself. */
export type KeyLocation = { readonly file: string } | { readonly pem: string };

/** Where a key that signs is: as text, or `awskms:///…` in AWS KMS, which gives its public half. */
export type SignerKey = KeyLocation | { readonly kms: string };

/** The mirror of TUF whose first root is built in. */
export const PUBLIC_GOOD_MIRROR = 'https://tuf-repo-cdn.sigstore.dev';

/** A trusted root that TUF refreshes. */
export interface TufLocation {
  /** The mirror's URL. */
  readonly tuf: string;
  /** The root.json that is trusted to begin with; absent: that of the public instance of Sigstore. */
  readonly root?: KeyLocation;
  /** Whether the mirror may be on a private or loopback address, and without TLS. */
  readonly local?: boolean;
}

/**
 * Who a certificate has to name: each of the two as it is, or a regular expression (RE2) that the whole of it has to
 * match. Both are always given: an issuer alone lets anybody in who has an account there.
 */
export interface IdentityRule {
  readonly issuer?: string;
  readonly issuerPattern?: string;
  readonly subject?: string;
  readonly subjectPattern?: string;
}

/** How many of a policy's keys and identities have to have signed. */
export type Requirement = 'any' | 'all' | number;

/** Who has to have signed what lands, with cosign. */
export interface CosignPolicy {
  /** What the installation calls it; absent: it is a source's own. */
  readonly name?: string;
  readonly provider: 'cosign';
  readonly keys: readonly SignerKey[];
  readonly identities: readonly IdentityRule[];
  /** Whether each signature has to stand in a transparency log. */
  readonly transparencyLog: boolean;
  /** Whose certificates, logs and time stamps are trusted; absent: the public instance of Sigstore. */
  readonly trustedRoot?: KeyLocation | TufLocation;
  readonly require: Requirement;
  /** What has to be said of it beside that, each by one of the signers; absent: nothing. */
  readonly attestations?: readonly AttestationRule[];
  /** False: the attestations are enough, without a signature that says no more than that it is signed. */
  readonly signature?: boolean;
}

/** Certificates that are trusted for one use. A store's type says which: a CA is no signing authority. */
export interface TrustStore {
  readonly type: StoreType;
  readonly name: string;
  readonly certificates: readonly KeyLocation[];
}

/** Who has to have signed what lands, with notation: as a trust policy document of Notation says, or by its parts. */
export interface NotationPolicy {
  /** As of {@link CosignPolicy}. */
  readonly name?: string;
  readonly provider: 'notation';
  readonly trustStores: readonly TrustStore[];
  readonly trustPolicy?: KeyLocation;
  readonly level?: Level;
  readonly override?: Overrides;
  readonly verifyTimestamp?: 'always' | 'afterCertExpiry';
  readonly trustedIdentities: readonly string[];
  /** Whether lists of revoked certificates may be on private or loopback addresses. */
  readonly local?: boolean;
}

/** Who has to have signed what lands. */
export type VerifyPolicy = CosignPolicy | NotationPolicy;

/** How many of them that is. */
export const neededOf = ({ keys, identities, require }: CosignPolicy): number => {
  if (require === 'any') return 1;
  return require === 'all' ? keys.length + identities.length : require;
};

/** Whether anything of it has to be looked up in a trusted root. */
export const needsRoot = ({ identities, transparencyLog }: CosignPolicy): boolean =>
  identities.length > 0 || transparencyLog;

/** The keys of a KMS that a policy names. */
export const kmsKeysOf = (policy: VerifyPolicy): readonly string[] =>
  policy.provider === 'cosign' ? policy.keys.flatMap((key) => ('kms' in key ? [key.kms] : [])) : [];

const fileOfRoot = ({ trustedRoot }: CosignPolicy): KeyLocation | undefined =>
  trustedRoot !== undefined && 'tuf' in trustedRoot ? trustedRoot.root : trustedRoot;

/** The files that a policy names. */
export function filesOfPolicy(policy: VerifyPolicy): readonly string[] {
  const [more, lists] =
    policy.provider === 'cosign'
      ? [fileOfRoot(policy), policy.keys]
      : [policy.trustPolicy, policy.trustStores.flatMap(({ certificates }) => certificates)];
  return [...lists, ...(more === undefined ? [] : [more])].flatMap((location) =>
    'file' in location ? [location.file] : [],
  );
}

const plain = (rule: IdentityRule): string =>
  `${rule.subject ?? `~${rule.subjectPattern}`} by ${rule.issuer ?? `~${rule.issuerPattern}`}`;

function describeKey(key: SignerKey): string {
  if ('kms' in key) return `key ${key.kms}`;
  return 'file' in key ? `key ${key.file}` : 'a key of the document';
}

function describeCosign(policy: CosignPolicy): string {
  const { keys, identities, transparencyLog } = policy;
  const signers = [...keys.map(describeKey), ...identities.map(plain)];
  const needed = neededOf(policy);
  const who = signers.length === 1 ? signers[0] : `${needed} of ${signers.length}: ${signers.join('; ')}`;
  const log = transparencyLog
    ? 'in a transparency log'
    : 'without a transparency log: when it was signed, and whether the key was lost since, nobody can tell';
  const { attestations = [], signature = true, trustedRoot } = policy;
  const root =
    trustedRoot !== undefined && 'tuf' in trustedRoot ? `, by the trusted root of ${trustedRoot.tuf}` : '';
  const said = attestations.map((rule) => ` with ${describeRule(rule)}`).join(' and');
  return `${signature ? 'signed' : 'attested'} with cosign by ${who}, ${log}${needsRoot(policy) ? root : ''}${said && `,${said}`}`;
}

function describeNotation({
  trustPolicy,
  level = 'strict',
  trustedIdentities,
  trustStores,
}: NotationPolicy): string {
  if (trustPolicy !== undefined)
    return `signed with notation as the trust policy ${'file' in trustPolicy ? trustPolicy.file : 'of the document'} wants it`;
  if (level === 'skip') return 'there: level skip looks at no signature of notation';
  const stores = trustStores.map(({ type, name }) => `${type}:${name}`).join(', ');
  const lenient = level === 'audit' ? '; level audit lands it even where they did not, and says so' : '';
  return `signed with notation by ${trustedIdentities.join('; ')}, of ${stores}, level ${level}${lenient}`;
}

/** One line for people: who has to have signed, and what is not looked at. */
export function describePolicy(policy: VerifyPolicy): string {
  const whose = policy.name === undefined ? '' : `, as policy ${policy.name} of the installation wants it`;
  return `${policy.provider === 'cosign' ? describeCosign(policy) : describeNotation(policy)}${whose}`;
}
