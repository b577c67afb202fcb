import { wholeMatcher } from '../../resolve/whole-matcher.ts';
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
  const [first] = found;
  return `${path} is ${found.length === 0 ? 'not there' : JSON.stringify(first)?.slice(0, 120)}`;
}
