import { type Exposition, type LabelText, labelText, type MetricAbout, withLabel } from './exposition.ts';

type Labels = Readonly<Record<string, string>>;

/** Counts up from the start of the process. */
export class Counter {
  readonly #about: MetricAbout;
  readonly #values = new Map<LabelText, number>();

  constructor(name: string, help: string) {
    this.#about = { name, help, type: 'counter' };
  }

  add(labels: Labels, by = 1): void {
    const text = labelText(labels);
    this.#values.set(text, (this.#values.get(text) ?? 0) + by);
  }

  write(to: Exposition): void {
    to.metric(this.#about);
    for (const [labels, value] of this.#values) to.sample(labels, value);
  }
}

interface Buckets {
  /** How many were at most the bound of the same place. */
  readonly counts: number[];
  count: number;
  sum: number;
}

/** How long things took, by bounds. */
export class Histogram {
  readonly #about: MetricAbout;
  readonly #bounds: readonly number[];
  readonly #series = new Map<LabelText, Buckets>();

  /** @param bounds upper ones, in seconds, rising */
  constructor(name: string, help: string, bounds: readonly number[]) {
    this.#about = { name, help, type: 'histogram' };
    this.#bounds = bounds;
  }

  observe(labels: Labels, seconds: number): void {
    const text = labelText(labels);
    const found = this.#series.get(text);
    const series = found ?? { counts: this.#bounds.map(() => 0), count: 0, sum: 0 };
    if (found === undefined) this.#series.set(text, series);
    for (const [at, bound] of this.#bounds.entries())
      if (seconds <= bound) series.counts[at] = (series.counts[at] ?? 0) + 1;
    series.count += 1;
    series.sum += seconds;
  }

  write(to: Exposition): void {
    to.metric(this.#about);
    for (const [labels, { counts, count, sum }] of this.#series) {
      for (const [at, bound] of this.#bounds.entries())
        to.sample(withLabel(labels, 'le', String(bound)), counts[at] ?? 0, '_bucket');
      to.sample(withLabel(labels, 'le', '+Inf'), count, '_bucket');
      to.sample(labels, sum, '_sum').sample(labels, count, '_count');
    }
  }
}
