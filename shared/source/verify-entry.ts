import { dirname, resolve } from 'node:path';
import { parseDuration } from '../duration.ts';
import type { AttestationRule } from '../verify/policy/attestation-rule.ts';
import type {
  CosignPolicy,
  KeyLocation,
  NotationPolicy,
  SignerKey,
  VerifyPolicy,
} from '../verify/policy/policy.ts';
import type { AttestationDocument } from './schema/schema-attestation.ts';
import type { CosignDocument, NotationDocument, VerifyDocument } from './schema/schema-verify.ts';

type Written = Omit<CosignDocument['keys'][number], 'kms'>;
/** What has no `tuf` is one of the two. */
function toRoot(
  { tuf, root, local, ...written }: WrittenRoot,
  located: Locate,
): NonNullable<CosignPolicy['trustedRoot']> {
  if (tuf === undefined) return located(written);
  return { tuf, ...(root && { root: located(root) }), ...(local !== undefined && { local }) };
}

type WrittenRoot = NonNullable<CosignDocument['trustedRoot']>;
type Locate = (written: Written) => KeyLocation;

const toKey = ({ kms, ...written }: CosignDocument['keys'][number], located: Locate): SignerKey =>
  kms === undefined ? located(written) : { kms };

function toRule(rule: AttestationDocument): AttestationRule {
  if (rule.type !== 'vulnerabilities') return rule;
  const { maxAge, ...others } = rule;
  return { ...others, maxAgeMs: parseDuration(maxAge) };
}

const cosignPolicy = (
  { keys, trustedRoot, attestations, ...policy }: CosignDocument,
  located: Locate,
): CosignPolicy => ({
  ...policy,
  ...(attestations !== undefined && { attestations: attestations.map(toRule) }),
  keys: keys.map((key) => toKey(key, located)),
  ...(trustedRoot !== undefined && { trustedRoot: toRoot(trustedRoot, located) }),
});

const notationPolicy = (
  { trustStores, trustPolicy, ...policy }: NotationDocument,
  located: Locate,
): NotationPolicy => ({
  ...policy,
  trustStores: trustStores.map(({ certificates, ...store }) => ({
    ...store,
    certificates: certificates.map(located),
  })),
  ...(trustPolicy !== undefined && { trustPolicy: located(trustPolicy) }),
});

/** A policy of a document. Relative paths start at the folder of the document. */
export function toVerify(entry: VerifyDocument, file: string): VerifyPolicy {
  const located: Locate = ({ file: path, pem = '' }) =>
    path === undefined ? { pem } : { file: resolve(dirname(file), path) };
  return entry.provider === 'cosign' ? cosignPolicy(entry, located) : notationPolicy(entry, located);
}
