import type { Mutant } from './mutants.ts';

/** A mutant that is the same program: no test can tell it, and why. */
interface Equivalent {
  readonly file: string;
  readonly operator: string;
  /** What the mutated text begins with, of the source. */
  readonly at: string;
  readonly why: string;
}

export const EQUIVALENTS: readonly Equivalent[] = [];

/** Why a mutant need not be killed; undefined: it has to. */
export const whyEquivalent = (file: string, source: string, { operator, from }: Mutant): string | undefined =>
  EQUIVALENTS.find(
    (each) => each.file === file && each.operator === operator && source.startsWith(each.at, from),
  )?.why;
