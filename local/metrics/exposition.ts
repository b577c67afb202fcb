/** What Prometheus takes for the text below. */
export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

type MetricType = 'gauge' | 'counter' | 'histogram';

export interface MetricAbout {
  /** As Prometheus names things: prefix, base unit, `_total` for a counter. */
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
}

/** `{namespace="web",name="app"}`, or nothing where there are none. */
export type LabelText = string;

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };

const TO_ESCAPE = /[\\"\n]/;

/** Hardly any label needs it. */
const escaped = (text: string): string =>
  TO_ESCAPE.test(text) ? text.replace(/[\\"\n]/g, (char) => ESCAPES[char] ?? char) : text;

export function labelText(labels: Readonly<Record<string, string>>): LabelText {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** The same labels with one more at their end. */
export const withLabel = (labels: LabelText, name: string, value: string): LabelText =>
  labels === '' ? labelText({ [name]: value }) : `${labels.slice(0, -1)},${name}="${escaped(value)}"}`;

const numberText = (value: number): string => {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
};

/**
 * Builds Prometheus' text, metric by metric: what a scrape of 10,000 sources waits for is a string that grows.
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export class Exposition {
  #text = '';
  #name = '';

  metric({ name, type, help }: MetricAbout): this {
    this.#name = name;
    this.#text += `# HELP ${name} ${help.replace(/[\\\n]/g, (char) => ESCAPES[char] ?? char)}\n# TYPE ${name} ${type}\n`;
    return this;
  }

  /** Of the metric that was begun last; `suffix` is a histogram's. */
  sample(labels: LabelText, value: number, suffix = ''): this {
    this.#text += `${this.#name}${suffix}${labels} ${numberText(value)}\n`;
    return this;
  }

  text(): string {
    return this.#text;
  }
}
