import type { SourceId } from '../../shared/model/ids.ts';
import type { Watched } from '../readiness.ts';
import { type Exposition, type LabelText, labelText, type MetricAbout, withLabel } from './exposition.ts';
import { type BoardSource, CONDITIONS } from './source-board.ts';

/** One source as it is scraped. */
export interface MetricSource {
  readonly source: Watched;
  readonly standing: BoardSource;
  /** How far its polls are apart; undefined: it is not polled. */
  readonly intervalMs: number | undefined;
}

type Told = MetricSource & { readonly labels: LabelText };

const gauge = (name: string, help: string): MetricAbout => ({
  name: `landfall_source_${name}`,
  help,
  type: 'gauge',
});

const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1000);

/** Each with what it says of a source; undefined: nothing. */
const GAUGES: readonly (readonly [MetricAbout, (of: MetricSource) => number | undefined])[] = [
  [
    gauge('ready', '1 where its last reconcile was well, or it is suspended.'),
    ({ standing: { condition } }) => (condition === 'Ready' || condition === 'Suspended' ? 1 : 0),
  ],
  [
    gauge('stalled', '1 where only a change can help.'),
    ({ standing }) => (standing.condition === 'Stalled' ? 1 : 0),
  ],
  [
    gauge('suspended', '1 where it is left alone.'),
    ({ standing }) => (standing.condition === 'Suspended' ? 1 : 0),
  ],
  [
    gauge('generation', 'Of its current revision; 0 before the first.'),
    ({ standing }) => standing.generation,
  ],
  [gauge('bytes', 'Of the files of its current revision.'), ({ standing }) => standing.size],
  [gauge('events_unsent', 'Events that the bus has not taken yet.'), ({ standing }) => standing.unsent],
  [gauge('interval_seconds', 'How far its polls are apart.'), ({ intervalMs }) => seconds(intervalMs)],
  [
    gauge('last_look_timestamp_seconds', 'When it was last looked at, well or not, by this process.'),
    ({ standing }) => seconds(standing.lookedAt),
  ],
  [
    gauge('landed_timestamp_seconds', 'When its current revision landed.'),
    ({ standing }) => seconds(standing.landedAt),
  ],
];

/** Of a source of the documents, which stay the same objects while they stay the same: made once, and not at each scrape. */
const labels = new WeakMap<SourceId, LabelText>();

function labelsOf(source: SourceId): LabelText {
  const { namespace, name } = source;
  const text = labels.get(source) ?? labelText({ namespace, name });
  labels.set(source, text);
  return text;
}

/** Writes how every source is. */
export function writeSources(to: Exposition, scraped: readonly MetricSource[]): void {
  const told: readonly Told[] = scraped.map((each) => ({ ...each, labels: labelsOf(each.source) }));
  to.metric({ name: 'landfall_sources', help: 'Sources by their condition.', type: 'gauge' });
  for (const condition of CONDITIONS)
    to.sample(
      labelText({ condition }),
      told.filter(({ standing }) => standing.condition === condition).length,
    );
  for (const [about, read] of GAUGES) {
    to.metric(about);
    for (const each of told) {
      const value = read(each);
      if (value !== undefined) to.sample(each.labels, value);
    }
  }
  to.metric(gauge('revision_info', 'Its current revision.'));
  for (const { labels, standing } of told)
    if (standing.revision !== undefined) to.sample(withLabel(labels, 'revision', standing.revision), 1);
  to.metric(gauge('failure_since_timestamp_seconds', 'Since when it fails, and with what.'));
  for (const { labels, standing } of told)
    if (standing.failure !== undefined)
      to.sample(withLabel(labels, 'code', standing.failure.code), standing.failure.since / 1000);
}
