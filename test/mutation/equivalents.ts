import type { Mutant } from './mutants.ts';

/** A mutant that is the same program: no test can tell it, and why. */
interface Equivalent {
  readonly file: string;
  readonly operator: string;
  /** What the mutated text begins with, of the source. */
  readonly at: string;
  readonly why: string;
}

const VERIFY = 'shared/verify';
export const EQUIVALENTS: readonly Equivalent[] = [
  {
    file: `${VERIFY}/cosign/check-trust.ts`,
    operator: 'changes a number',
    at: '0);\n  if (most',
    why: 'One time stamp is not too many, as none is not.',
  },
  {
    file: `${VERIFY}/cosign/check-trust.ts`,
    operator: 'changes a number',
    at: '0 });\n  checkEntries',
    why: 'Receipts of a log of certificates are counted where there is a certificate.',
  },
  {
    file: `${VERIFY}/notation/survey-notation.ts`,
    operator: 'changes a number',
    at: '0] }] : []',
    why: 'Who signed is counted by policies of cosign alone.',
  },
  {
    file: `${VERIFY}/notation/time-stamp.ts`,
    operator: 'moves a bound',
    at: '< CERTIFICATES; depth',
    why: 'No more than that are read of a token, so that no path is longer.',
  },
  {
    file: `${VERIFY}/revocation/check-list.ts`,
    operator: 'changes a number',
    at: '0) & (0x80',
    why: 'The lowest bit is not the one that is asked for.',
  },
  {
    file: `${VERIFY}/revocation/der.ts`,
    operator: 'moves a bound',
    at: '> bytes.length) throw broken();\n  const length',
    why: 'A length of several bytes is at least 128, and is held to what is there.',
  },
  {
    file: `${VERIFY}/revocation/der.ts`,
    operator: 'changes a number',
    at: '1 + count > bytes.length',
    why: 'A length of several bytes is at least 128, and is held to what is there.',
  },
  {
    file: `${VERIFY}/revocation/revocation-list.ts`,
    operator: 'swaps and, or',
    at: '|| !algorithm)',
    why: 'Where the third element is, the first two are.',
  },
];

/** Why a mutant need not be killed; undefined: it has to. */
export const whyEquivalent = (file: string, source: string, { operator, from }: Mutant): string | undefined =>
  EQUIVALENTS.find(
    (each) => each.file === file && each.operator === operator && source.startsWith(each.at, from),
  )?.why;
