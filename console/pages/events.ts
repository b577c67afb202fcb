import { html } from 'hono/html';
import { CONSOLE_EVENT_ROWS, CONSOLE_ROWS_BYTES } from '../../shared/limits.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import type { ConsoleEvent } from '../facts/console-event.ts';
import { byHour, chart, HOURS, shownDuration } from './chart.ts';
import { deployPath, shownRevision, shownText, shownTime, sourcePath, table } from './shown.ts';
import { fitInto, pager } from './shown-part.ts';
import type { Html, Viewer } from './viewer.ts';

interface ShownEvents {
  /** Oldest first. */
  readonly events: readonly ConsoleEvent[];
  /** Looks by their hour; undefined where nobody counts them. */
  readonly looks: ReadonlyMap<string, number> | undefined;
  /** The first that is shown, from 0. */
  readonly from: number;
}

const isFailed = ({ type }: ConsoleEvent): boolean => /Failed$/.test(type);

const KINDS: readonly (readonly [name: string, isOf: (event: ConsoleEvent) => boolean])[] = [
  ['landed', ({ type }) => type === 'Artifact Revision Changed'],
  ['failed', isFailed],
  ['deployed', ({ type }) => type === 'Deploy Succeeded'],
];

const sumOf = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

function countChart(name: string, values: readonly number[]): Html {
  return chart({ name, summary: `${name}: ${sumOf(values)} in ${HOURS} hours`, values, text: String });
}

function looksChart(looks: ReadonlyMap<string, number>, now: string): Html {
  const hours = byHour(looks, ([hour]) => hour, now);
  return countChart(
    'looks',
    hours.map((each) => sumOf(each.map(([, count]) => count))),
  );
}

/** How long deploys took: of each hour the one that took longest. */
function durationsChart(events: readonly ConsoleEvent[], now: string): Html {
  const ended = events.filter(({ durationMs }) => durationMs !== null);
  const took = byHour(ended, ({ time }) => time, now).map((each) =>
    each.map((event) => event.durationMs ?? 0),
  );
  const all = took.flat().toSorted((a, b) => a - b);
  const middle = all[Math.floor(all.length / 2)] ?? 0;
  const summary =
    all.length === 0
      ? `durations: no deploy in ${HOURS} hours`
      : `durations of ${all.length} deploys: median ${shownDuration(middle)}, longest ${shownDuration(all.at(-1) ?? 0)}`;
  return chart({
    name: 'durations',
    summary,
    text: shownDuration,
    values: took.map((each) => Math.max(0, ...each)),
  });
}

function row(event: ConsoleEvent, { base, now }: Viewer): Html {
  const { type, time, source, deploy, revision, signers, durationMs } = event;
  const took = durationMs === null ? '' : ` in ${shownDuration(durationMs)}`;
  const of =
    deploy === null
      ? ''
      : html`<a href="${base}${deployPath({ ...source, deploy })}">${shownText(deploy)}</a>`;
  return html`<tr class="${isFailed(event) ? 'failing' : ''}"><td>${shownTime(time, now)}</td><td>${type}${took}</td>
<td><a href="${base}${sourcePath(source)}">${shownText(formatSourceId(source))}</a> ${of}</td><td>${shownRevision(revision === null ? null : { revision, signers })}</td></tr>`;
}

/** The newest events, newest first, and how many there were over time. */
export function eventsPage({ events, looks, from }: ShownEvents, viewer: Viewer): Html {
  const { now } = viewer;
  const charts = KINDS.map(([name, isOf]) => {
    const hours = byHour(events.filter(isOf), ({ time }) => time, now);
    return countChart(
      name,
      hours.map((each) => each.length),
    );
  });
  const newest = events.toReversed();
  const room = { from, rows: CONSOLE_EVENT_ROWS, bytes: CONSOLE_ROWS_BYTES / 2 };
  const fitted = fitInto(newest, room, (event) => row(event, viewer));
  return html`<h1>Events</h1>
<div class="charts">${looks === undefined ? '' : looksChart(looks, now)}${charts}${durationsChart(events, now)}</div>
${
  events.length === 0
    ? html`<p>There is none that can be shown here.</p>`
    : table('Events', ['When', 'What', 'Source', 'Revision'], fitted.shown)
}
${pager(fitted, { total: newest.length, rows: CONSOLE_EVENT_ROWS, query: {}, what: 'events' })}`;
}
