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
  ...(
    [
      ['shared/store/directory/owner.ts', '|| started === undefined || machine === undefined) return'],
      ['shared/store/directory/owner.ts', '|| machine === undefined) return undefined;'],
    ] as const
  ).map(([file, at]) => ({
    file,
    operator: 'swaps and, or',
    at,
    why: 'An expression that fits gives all of its groups, and another none.',
  })),
  {
    file: 'shared/store/object-key.ts',
    operator: 'moves a bound',
    at: '<= DEFAULT_LIMITS.pathBytes && isPlainPath',
    why: 'What is not plain at a glance is judged the long way, to the same end.',
  },
  {
    file: 'shared/store/directory/descriptors.ts',
    operator: 'moves a bound',
    at: '> deadline) throw error;',
    why: 'No clock says the very moment twice.',
  },
  {
    file: 'shared/unpack/tar/pax.ts',
    operator: 'changes a number',
    at: '1 || space - at > 16',
    why: 'Up to byte -1 a buffer has no text either.',
  },
  {
    file: 'shared/unpack/compression/compressions.ts',
    operator: 'changes a number',
    at: '0) >> 4 === 5',
    why: 'What has no first byte has no second one, which is asked for before.',
  },
  {
    file: 'shared/unpack/image/image-node.ts',
    operator: 'changes a number',
    at: '1 });',
    why: 'Any number below 0 is that of no layer.',
  },
  ...['/** Undoes', '/** Asks'].map((next) => ({
    file: 'shared/reconcile/suspend.ts',
    operator: 'does not wait',
    at: `await updateStatus(objects, id, change, { clock, signal });\n  return after ?? before;\n}\n\n${next}`,
    why: 'The function waits for what it returns, and a status that was required is there.',
  })),
  {
    file: 'shared/deploy/stack/template/nested-templates.ts',
    operator: 'drops a guard',
    at: 'if (!text.includes(NESTED)) return {',
    why: 'What does not have the name of the type has no such path either, when it is parsed.',
  },
  {
    file: 'shared/deploy/command/run-command.ts',
    operator: 'turns true, false',
    at: 'false };\n  const mark',
    why: 'Of what has no process the exit is an error, which is thrown.',
  },
  ...[
    [
      'shared/deploy/ledger/decide.ts',
      '1);\n  return text === undefined || isMeantBy(text, { ...run, tag })',
    ],
    ['shared/deploy/visit/open-visit.ts', '1)[0] ?? null) : null;'],
    ['shared/deploy/git/memory-files.ts', "1)[0] ?? ''] : [],"],
  ].map(([file = '', at = '']) => ({
    file,
    operator: 'changes a number',
    at,
    why: 'Of what is split the first part alone is taken.',
  })),
];

/** Why a mutant need not be killed; undefined: it has to. */
export const whyEquivalent = (file: string, source: string, { operator, from }: Mutant): string | undefined =>
  EQUIVALENTS.find(
    (each) => each.file === file && each.operator === operator && source.startsWith(each.at, from),
  )?.why;
