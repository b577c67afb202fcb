import { wholeMatcher } from '../../resolve/whole-matcher.ts';
import type { IdentityRule } from '../policy/policy.ts';
import type { CertifiedIdentity } from './check-trust.ts';

/** Whether the whole text is what a rule wants. */
const isWanted = (text: string, exact: string | undefined, pattern: string | undefined): boolean =>
  exact === undefined ? pattern !== undefined && wholeMatcher(pattern)(text) : text === exact;

export const isIdentityOf = (
  { issuer, issuerPattern, subject, subjectPattern }: IdentityRule,
  certified: CertifiedIdentity,
): boolean =>
  isWanted(certified.issuer, issuer, issuerPattern) && isWanted(certified.subject, subject, subjectPattern);
