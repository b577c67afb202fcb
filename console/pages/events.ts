import { html } from 'hono/html';
import { CONSOLE_EVENT_ROWS } from '../../shared/limits.ts';
import type { EventEnvelope } from '../../shared/model/envelope.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import { type Html, shownRevision, shownTime, type Viewer } from './layout.ts';

const HOURS = 48;
const HOUR_MS = 3_600_000;
const BAR = 9;

const KINDS: readonly (readonly [name: string, isOf: (event: EventEnvelope) => boolean])[] = [
  ['landed', (event) => event['detail-type'] === 'Artifact Revision Changed'],
  ['failed', (event) => /Failed$/.test(event['detail-type'])],
  ['deployed', (event) => event['detail-type'] === 'Deploy Succeeded'],
];

function hourly(events: readonly EventEnvelope[], now: string): readonly number[] {
  const counts = Array.from({ length: HOURS }, () => 0);
  for (const { time } of events) {
    const hours = Math.floor((Date.parse(now) - Date.parse(time)) / HOUR_MS);
    if (hours >= 0 && hours < HOURS) counts[HOURS - 1 - hours] = (counts[HOURS - 1 - hours] ?? 0) + 1;
  }
  return counts;
}

/** How many in each of the last hours. */
function chart(name: string, counts: readonly number[]): Html {
  const most = Math.max(1, ...counts);
  const sum = counts.reduce((all, count) => all + count, 0);
  return html`<figure><figcaption>${name}: ${sum} in ${HOURS} hours</figcaption><svg class="bars ${name}" viewBox="0 0 ${HOURS * BAR} 40" role="img" aria-label="${name} by hour, at most ${most}">${counts.map(
    (count, at) => {
      const height = Math.round((count / most) * 38);
      return html`<rect x="${at * BAR}" y="${40 - height}" width="${BAR - 2}" height="${height}"/>`;
    },
  )}</svg></figure>`;
}

function row(event: EventEnvelope, { base, now }: Viewer): Html {
  const { detail, time, 'detail-type': type } = event;
  const deploy = 'deploy' in detail && typeof detail.deploy === 'string' ? detail.deploy : '';
  return html`<tr class="${/Failed$/.test(type) ? 'failing' : ''}"><td>${shownTime(time, now)}</td><td>${type}</td>
<td><a href="${base}sources/${detail.namespace}/${detail.name}">${formatSourceId(detail)}</a> ${deploy}</td><td>${shownRevision(detail.revision ?? null)}</td></tr>`;
}

/** The newest events, newest first, and how many there were over time. */
export const eventsPage = (events: readonly EventEnvelope[], viewer: Viewer): Html => html`<h1>Events</h1>
<div class="charts">${KINDS.map(([name, isOf]) => chart(name, hourly(events.filter(isOf), viewer.now)))}</div>
${
  events.length === 0
    ? html`<p>There is none that can be shown here.</p>`
    : html`<div class="wide"><table><thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">Source</th><th scope="col">Revision</th></tr></thead>
<tbody>${events
        .slice(-CONSOLE_EVENT_ROWS)
        .toReversed()
        .map((event) => row(event, viewer))}</tbody></table></div>`
}`;
