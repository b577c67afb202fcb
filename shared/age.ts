const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** Up to when which two units tell enough. */
const STEPS: readonly (readonly [
  belowMs: number,
  unit: readonly [number, string],
  rest?: readonly [number, string],
])[] = [
  [2 * MINUTE, [SECOND, 's']],
  [10 * MINUTE, [MINUTE, 'm'], [SECOND, 's']],
  [3 * HOUR, [MINUTE, 'm']],
  [8 * HOUR, [HOUR, 'h'], [MINUTE, 'm']],
  [2 * DAY, [HOUR, 'h']],
  [8 * DAY, [DAY, 'd'], [HOUR, 'h']],
  [2 * YEAR, [DAY, 'd']],
  [8 * YEAR, [YEAR, 'y'], [DAY, 'd']],
  [Number.POSITIVE_INFINITY, [YEAR, 'y']],
];

/**
 * `90s`, `5m10s`, `47h`, `3d4h`: a length of time in milliseconds as kubectl has it; a negative one counts as none.
 * @see https://pkg.go.dev/k8s.io/apimachinery/pkg/util/duration#HumanDuration
 */
export function formatAge(ms: number): string {
  const length = Math.max(0, ms);
  const [, [unit, letter], rest] = STEPS.find(([below]) => length < below) ?? [0, [YEAR, 'y'] as const];
  const whole = `${Math.floor(length / unit)}${letter}`;
  const left = rest === undefined ? 0 : Math.floor((length % unit) / rest[0]);
  return left === 0 ? whole : `${whole}${left}${rest?.[1]}`;
}

/** How long a piece of work took: as an age, and to the millisecond below a second. */
export const formatTook = (ms: number): string => (ms < SECOND ? `${ms}ms` : formatAge(ms));
