import { html } from 'hono/html';
import type { Html } from './viewer.ts';

export const HOURS = 48;
const HOUR_MS = 3_600_000;
const BAR = 9;
const HEIGHT = 38;

/** Something that has a number for each of the last {@link HOURS} hours, the oldest first. */
interface Chart {
  /** A word: its colour, too. */
  readonly name: string;
  /** What the bars say together. */
  readonly summary: string;
  readonly values: readonly number[];
  readonly text: (value: number) => string;
}

/** The values of each hour, by when they were. */
export function byHour<T>(
  items: Iterable<T>,
  timeOf: (item: T) => string,
  now: string,
): readonly (readonly T[])[] {
  const hours: T[][] = Array.from({ length: HOURS }, () => []);
  for (const item of items) {
    const ago = Math.floor((Date.parse(now) - Date.parse(timeOf(item))) / HOUR_MS);
    if (ago >= 0 && ago < HOURS) hours[HOURS - 1 - ago]?.push(item);
  }
  return hours;
}

const agoOf = (at: number): string => {
  const ago = HOURS - 1 - at;
  return ago === 0 ? 'this hour' : `${ago} h ago`;
};

/** Bars to look at, and the same numbers to read. */
export function chart({ name, summary, values, text }: Chart): Html {
  const most = Math.max(...values, 0);
  const there = [...values.entries()].filter(([, value]) => value > 0);
  const bars = there.map(([at, value]) => {
    const height = Math.max(1, Math.round((value / most) * HEIGHT));
    return html`<rect x="${at * BAR}" y="${HEIGHT + 2 - height}" width="${BAR - 2}" height="${height}"><title>${agoOf(at)}: ${text(value)}</title></rect>`;
  });
  return html`<figure aria-label="${name}"><figcaption>${summary}</figcaption><svg class="bars ${name}" viewBox="0 0 ${HOURS * BAR} ${HEIGHT + 2}" aria-hidden="true">${bars}</svg>${
    there.length === 0
      ? ''
      : html`<details><summary>${name} by hour</summary><table><thead><tr><th scope="col">Hour</th><th scope="col">${name}</th></tr></thead><tbody>${there
          .toReversed()
          .map(
            ([at, value]) => html`<tr><th scope="row">${agoOf(at)}</th><td>${text(value)}</td></tr>`,
          )}</tbody></table></details>`
  }</figure>`;
}

const LENGTHS: readonly (readonly [leastMs: number, unitMs: number, unit: string])[] = [
  [3_600_000, 3_600_000, 'h'],
  [60_000, 60_000, 'min'],
  [1_000, 1_000, 's'],
];

/** `420 ms`, `3.2 s`, `12 min`. */
export function shownDuration(milliseconds: number): string {
  const unit = LENGTHS.find(([least]) => milliseconds >= least);
  if (unit === undefined) return `${Math.round(milliseconds)} ms`;
  const value = milliseconds / unit[1];
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${unit[2]}`;
}
