import type { z } from 'zod';
import { type ErrorCode, LandfallError } from '../errors.ts';
import { printableLine, printableLines } from '../printable.ts';

/** Where something stands in a document; both count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One thing wrong with a document. Never holds a secret. */
export interface Problem extends Place {
  /** E.g. `sources[0].ref.semver`; empty for the whole document. */
  readonly path: string;
  readonly message: string;
  readonly code: ErrorCode;
  /** Where it is wrong is, or is meant for, what asks for more safety: a policy of signatures, a limit. */
  readonly isOfSafety?: true;
}

/** What is wrong with an entry as a whole. */
export const problemAt = (
  { place, path }: { readonly place: Place; readonly path: string },
  message: string,
): Problem => ({ ...place, path, message, code: 'CONFIG_INVALID' });

const SHOWN = 20;

export const formatPlace = ({ file, line, column }: Place): string =>
  printableLine(`${file}:${line}:${column}`);

/** One line, whatever stands in the document. */
export const formatProblem = (problem: Problem): string =>
  printableLine(
    `${formatPlace(problem)}: ${problem.path === '' ? '' : `${problem.path}: `}${problem.message}`,
  );

export const formatPath = (path: readonly PropertyKey[]): string =>
  path
    .map((step, at) =>
      typeof step === 'number'
        ? `[${step}]`
        : `${at === 0 ? '' : '.'}${printableLine(String(step).slice(0, 64))}`,
    )
    .join('');

/** What is wrong with an entry that was made of another form, in words: its keys are what somebody wrote. */
export const issuesText = (issues: readonly z.core.$ZodIssue[]): string =>
  issues.map(({ path, message }) => `${formatPath(path)}: ${message}`).join('; ');

/** Everything wrong with one load, in one error: its code is the problems' own where they agree on it. */
export function problemsError(problems: readonly Problem[]): LandfallError {
  const codes = new Set(problems.map(({ code }) => code));
  const [first] = codes;
  const shown = problems.slice(0, SHOWN).map(formatProblem);
  const left = problems.length - shown.length;
  return new LandfallError(
    codes.size === 1 && first === 'NOT_SUPPORTED' ? first : 'CONFIG_INVALID',
    printableLines(left > 0 ? [...shown, `… and ${left} more`] : shown),
    { hint: 'Correct the document and run landfall validate.', detail: { problems: problems.length } },
  );
}

/** In the order of the files, and of the lines in them. */
export function inOrder(
  problems: readonly Problem[],
  files: readonly { readonly file: string }[],
): readonly Problem[] {
  const order = new Map(files.map(({ file }, at) => [file, at]));
  const fileOf = ({ file }: Problem): number => order.get(file) ?? order.size;
  return problems.toSorted((a, b) => fileOf(a) - fileOf(b) || a.line - b.line || a.column - b.column);
}
