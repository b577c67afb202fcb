import { wholeMatcher } from '../../resolve/whole-matcher.ts';
import { quoted } from '../found/quoted.ts';
import type { PredicateCondition } from '../policy/attestation-rule.ts';
import { parseJsonPath, valuesAt } from './json-path.ts';

/** Why a predicate does not say what is wanted; undefined: it does. What is not there is never what is wanted. */
export function unmetCondition(
  predicate: unknown,
  { path, equals, oneOf, matches }: PredicateCondition,
): string | undefined {
  const wanted = oneOf ?? (equals === undefined ? [] : [equals]);
  const isMatch = matches === undefined ? undefined : wholeMatcher(matches);
  const found = valuesAt(predicate, parseJsonPath(path));
  const isWanted = (value: unknown): boolean =>
    isMatch === undefined
      ? wanted.some((each) => each === value)
      : typeof value === 'string' && isMatch(value);
  if (found.some(isWanted)) return undefined;
  return `${path} is ${quoted(found[0])}`;
}
