import { PATTERN_NUMBER } from '../../limits.ts';

type Accepts = (value: number) => boolean;

const LOWER: Readonly<Record<string, (bound: number) => Accepts>> = {
  '>': (bound) => (value) => value > bound,
  '>=': (bound) => (value) => value >= bound,
};
const UPPER: Readonly<Record<string, (bound: number) => Accepts>> = {
  '<': (bound) => (value) => value < bound,
  '<=': (bound) => (value) => value <= bound,
};
const SINGLE = new Map<unknown, (bound: number) => Accepts>([
  ...Object.entries(LOWER),
  ...Object.entries(UPPER),
  ['=', (bound) => (value) => value === bound],
]);

const isBound = (value: unknown): value is number =>
  typeof value === 'number' && Math.abs(value) <= PATTERN_NUMBER;

/**
 * Parses the list of a `numeric` test: one comparison, or a lower and then an upper bound.
 * @returns undefined where it is neither
 */
export function parseNumeric(list: readonly unknown[]): Accepts | undefined {
  const accepts = parseComparison(list);
  return accepts && ((value) => Math.abs(value) <= PATTERN_NUMBER && accepts(value));
}

function parseComparison(list: readonly unknown[]): Accepts | undefined {
  const [operator, bound, second, top] = list;
  if (!isBound(bound)) return undefined;
  if (list.length === 2) return SINGLE.get(operator)?.(bound);
  if (list.length !== 4 || !isBound(top) || typeof operator !== 'string' || typeof second !== 'string') {
    return undefined;
  }
  const lower = Object.hasOwn(LOWER, operator) ? LOWER[operator]?.(bound) : undefined;
  const upper = Object.hasOwn(UPPER, second) ? UPPER[second]?.(top) : undefined;
  if (lower === undefined || upper === undefined || bound >= top) return undefined;
  return (value) => lower(value) && upper(value);
}
