import { codeOf } from './code-mask.ts';

/** One text of a module, and what stands in its place. */
export interface Mutant {
  readonly operator: string;
  /** Offsets in the source. */
  readonly from: number;
  readonly to: number;
  readonly with: string;
}

type Find = (code: string) => readonly Omit<Mutant, 'operator'>[];

/** Each place where a pattern is, with what its first group becomes. */
const swap =
  (pattern: RegExp, replacement: (found: string) => string): Find =>
  (code) =>
    [...code.matchAll(pattern)].map((match) => {
      const [whole, part = whole] = match;
      const from = match.index + whole.indexOf(part);
      return { from, to: from + part.length, with: replacement(part) };
    });

/** Where the bracket that begins at an offset ends. */
function endOfBracket(code: string, from: number): number {
  let depth = 0;
  for (let at = from; at < code.length; at += 1) {
    if ('([{'.includes(code[at] ?? '')) depth += 1;
    if (')]}'.includes(code[at] ?? '')) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return code.length;
}

/** Where the statement that begins at an offset ends, with its semicolon. */
function endOfStatement(code: string, from: number): number {
  let depth = 0;
  for (let at = from; at < code.length; at += 1) {
    if ('([{'.includes(code[at] ?? '')) depth += 1;
    if (')]}'.includes(code[at] ?? '')) depth -= 1;
    if (depth < 0) return at;
    if (depth === 0 && code[at] === ';') return at + 1;
  }
  return code.length;
}

const conditions = (code: string) =>
  [...code.matchAll(/\b(?:if|while) \(/g)].map((match) => {
    const open = match.index + match[0].length - 1;
    return { at: match.index, open, close: endOfBracket(code, open) };
  });

const negated: Find = (code) =>
  conditions(code).map(({ open, close }) => ({ from: open + 1, to: close - 1, with: '' }));

/** `if (…) return …;`, `throw` and `continue`: what keeps the rest from running. */
const guards: Find = (code) =>
  conditions(code).flatMap(({ at, close }) => {
    const [guard] = /^\s*(?:\{\s*)?(?:return|throw|continue|break)\b/.exec(code.slice(close)) ?? [];
    if (guard === undefined || guard.includes('{')) return [];
    return [{ from: at, to: endOfStatement(code, close), with: ';' }];
  });

/** Calls whose result nobody wants. */
const calls: Find = (code) =>
  [...code.matchAll(/(?<=[;{}]\s*\n\s*)(?:await )?[a-zA-Z_$][\w$.?#]*\(/g)].flatMap((match) => {
    if (/^(?:if|for|while|switch|return|function|super|constructor|catch)\b/.test(match[0])) return [];
    const to = endOfStatement(code, match.index);
    return code[to - 1] === ';' ? [{ from: match.index, to, with: ';' }] : [];
  });

const OPPOSITE: Readonly<Record<string, string>> = {
  '&&': '||',
  '||': '&&',
  '===': '!==',
  '!==': '===',
  '<': '<=',
  '<=': '<',
  '>': '>=',
  '>=': '>',
  true: 'false',
  false: 'true',
};
const opposite = (found: string): string => OPPOSITE[found] ?? found;

const OPERATORS: Readonly<Record<string, Find>> = {
  'negates a condition': negated,
  'drops a guard': guards,
  'drops a call': calls,
  'swaps and, or': swap(/ (&&|\|\|) /g, opposite),
  'swaps equal, unequal': swap(/ (===|!==) /g, opposite),
  'moves a bound': swap(/ (<=?|>=?) (?!\()/g, opposite),
  'changes a number': swap(/(?<![\w$.])(\d[\d_]*)(?![\w$.])/g, (found) =>
    String(Number(found.replaceAll('_', '')) + 1),
  ),
  'turns true, false': swap(/\b(true|false)\b/g, opposite),
  'does not wait': swap(/\b(await )(?!using)/g, () => ''),
};

/** Every mutant of a module, in its order. */
export function mutantsOf(source: string): readonly Mutant[] {
  const code = codeOf(source);
  return Object.entries(OPERATORS)
    .flatMap(([operator, find]) =>
      find(code).map((mutant) => ({
        operator,
        ...mutant,
        // What a condition says, and not the blanks that stand for its texts.
        with: operator === 'negates a condition' ? `!(${source.slice(mutant.from, mutant.to)})` : mutant.with,
      })),
    )
    .toSorted((a, b) => a.from - b.from);
}

export const mutated = (source: string, { from, to, with: replacement }: Mutant): string =>
  source.slice(0, from) + replacement + source.slice(to);
