import { LandfallError } from './errors.ts';

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** Flux's pattern, so that its documents work as they are. */
export const DURATION = /^(?:[0-9]{1,9}(?:\.[0-9]{1,9})?(?:ms|s|m|h))+$/;
const PART = /([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)/g;

/** Both ends are allowed. Milliseconds. */
export interface DurationBounds {
  readonly minimum: number;
  readonly maximum: number;
}

export const INTERVAL_BOUNDS: DurationBounds = { minimum: UNIT_MS.s, maximum: 30 * 24 * UNIT_MS.h };
export const TIMEOUT_BOUNDS: DurationBounds = { minimum: UNIT_MS.s, maximum: 15 * UNIT_MS.m };

/** Of a deploy whose target takes its time: it is looked at, and nobody waits. */
export const LONG_TIMEOUT_BOUNDS: DurationBounds = { minimum: UNIT_MS.s, maximum: 48 * UNIT_MS.h };
/** Of a window of a deploy. */
/** How long nothing is told of what has been told. */
export const QUIET_BOUNDS: DurationBounds = { minimum: 0, maximum: 24 * UNIT_MS.h };
export const WINDOW_BOUNDS: DurationBounds = { minimum: UNIT_MS.m, maximum: 30 * 24 * UNIT_MS.h };

const refused = (wanted: string, text: string): LandfallError =>
  new LandfallError('CONFIG_INVALID', `wanted ${wanted}, got ${JSON.stringify(text.slice(0, 40))}`);

/** Milliseconds of `5m`, `1h30m`, `60s`, `500ms`. @throws LandfallError CONFIG_INVALID */
export function parseDuration(text: string): number {
  if (text.length > 64 || !DURATION.test(text)) {
    throw refused('a duration such as 5m, 1h30m or 500ms', text);
  }
  let total = 0;
  for (const [, amount, unit] of text.matchAll(PART)) total += Number(amount) * UNIT_MS[unit as 'ms'];
  return Math.round(total);
}

/** The duration in its largest whole unit, e.g. `15m`. */
export function formatDuration(milliseconds: number): string {
  const units = Object.entries(UNIT_MS).toReversed();
  const [unit, size] = units.find(([, each]) => milliseconds % each === 0) ?? ['ms', 1];
  return `${milliseconds / size}${unit}`;
}

/** Milliseconds of a duration within bounds. @throws LandfallError CONFIG_INVALID */
export function parseBoundedDuration(text: string, { minimum, maximum }: DurationBounds): number {
  const milliseconds = parseDuration(text);
  if (milliseconds < minimum || milliseconds > maximum) {
    throw refused(`a duration from ${formatDuration(minimum)} to ${formatDuration(maximum)}`, text);
  }
  return milliseconds;
}
