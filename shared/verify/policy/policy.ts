/** Where a public key is: PEM in a file, or in the document itself. */
export type KeyLocation = { readonly file: string } | { readonly pem: string };

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
export interface VerifyPolicy {
  /** What the installation calls it; absent: it is a source's own. */
  readonly name?: string;
  readonly provider: 'cosign';
  readonly keys: readonly KeyLocation[];
  readonly identities: readonly IdentityRule[];
  /** Whether each signature has to stand in a transparency log. */
  readonly transparencyLog: boolean;
  /** Whose certificates, logs and time stamps are trusted; absent: the public instance of Sigstore. */
  readonly trustedRoot?: KeyLocation;
  readonly require: Requirement;
}

/** How many of them that is. */
export const neededOf = ({ keys, identities, require }: VerifyPolicy): number => {
  if (require === 'any') return 1;
  return require === 'all' ? keys.length + identities.length : require;
};

/** Whether anything of it has to be looked up in a trusted root. */
export const needsRoot = ({ identities, transparencyLog }: VerifyPolicy): boolean =>
  identities.length > 0 || transparencyLog;

/** The files that a policy names. */
export const filesOfPolicy = ({ keys, trustedRoot }: VerifyPolicy): readonly string[] =>
  [...keys, ...(trustedRoot === undefined ? [] : [trustedRoot])].flatMap((location) =>
    'file' in location ? [location.file] : [],
  );

const plain = (rule: IdentityRule): string =>
  `${rule.subject ?? `~${rule.subjectPattern}`} by ${rule.issuer ?? `~${rule.issuerPattern}`}`;

/** One line for people: who has to have signed, and what is not looked at. */
export function describePolicy(policy: VerifyPolicy): string {
  const { keys, identities, transparencyLog } = policy;
  const signers = [
    ...keys.map((key) => ('file' in key ? `key ${key.file}` : 'a key of the document')),
    ...identities.map(plain),
  ];
  const needed = neededOf(policy);
  const who = signers.length === 1 ? signers[0] : `${needed} of ${signers.length}: ${signers.join('; ')}`;
  const log = transparencyLog
    ? 'in a transparency log'
    : 'without a transparency log: when it was signed, and whether the key was lost since, nobody can tell';
  const whose = policy.name === undefined ? '' : `, as policy ${policy.name} of the installation wants it`;
  return `signed with cosign by ${who}, ${log}${whose}`;
}
