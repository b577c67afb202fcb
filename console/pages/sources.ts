import { html } from 'hono/html';
import { CONSOLE_ROWS, CONSOLE_ROWS_BYTES } from '../../shared/limits.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import type { ConsoleSource, Standing } from '../facts/facts.ts';
import type { PlacedDeploy, Snapshot } from '../facts/snapshot.ts';
import { behindText } from './behind.ts';
import { badge, deployPath, shownRevision, shownText, shownTime, sourcePath, table } from './shown.ts';
import { fitInto, pager } from './shown-part.ts';
import type { Html, Viewer } from './viewer.ts';

export interface SourcesQuery {
  /** Part of a name or URL. */
  readonly text: string;
  readonly standing: string;
  /** The first that is shown, from 0. */
  readonly from: number;
}

const STANDINGS: readonly Standing[] = ['failing', 'stalled', 'unknown', 'suspended', 'new', 'ready'];
const DEPLOYS_SHOWN = 3;

const matches = ({ id, url, standing }: ConsoleSource, query: SourcesQuery): boolean =>
  (query.standing === '' || standing === query.standing) &&
  (query.text === '' || `${formatSourceId(id)} ${url}`.includes(query.text));

/** What runs where, at a glance. */
const deployed = (deploys: readonly PlacedDeploy[], base: string): Html =>
  html`${deploys
    .slice(0, DEPLOYS_SHOWN)
    .map(
      (deploy) =>
        html`<a href="${base}${deployPath(deploy.id)}">${deploy.id.deploy}</a> <span class="${deploy.stands.state.toLowerCase()}">${behindText(deploy)}</span> `,
    )}${deploys.length > DEPLOYS_SHOWN ? html`and ${deploys.length - DEPLOYS_SHOWN} more` : ''}`;

const row = (
  { id, revisions, standing, message }: ConsoleSource,
  deploys: readonly PlacedDeploy[],
  { base, now }: Viewer,
): Html => html`<tr class="${standing}">
<th scope="row"><a href="${base}${sourcePath(id)}">${shownText(formatSourceId(id))}</a></th>
<td>${badge(standing)}</td><td>${shownRevision(revisions[0])}</td>
<td>${shownTime(revisions[0]?.committedAt ?? null, now)}</td><td>${deployed(deploys, base)}</td><td class="message">${shownText(message ?? '')}</td></tr>`;

const COLUMNS = ['Source', 'Standing', 'Revision', 'Since', 'Deployed', 'Message'];

/** Those that need somebody first. */
const inOrder = (sources: readonly ConsoleSource[]): readonly ConsoleSource[] =>
  sources.toSorted((a, b) => STANDINGS.indexOf(a.standing) - STANDINGS.indexOf(b.standing));

const filterForm = ({ text, standing }: SourcesQuery): Html =>
  html`<form class="filter" role="search" aria-label="Filter sources"><label>Name or URL <input type="search" name="text" value="${shownText(text)}"></label>
<label>Standing <select name="standing"><option value="">any</option>${STANDINGS.map(
    (one) => html`<option${one === standing ? html` selected` : ''}>${one}</option>`,
  )}</select></label><button>Filter</button></form>`;

/** The sources of a store, those in trouble first, as many as a page holds. */
export function sourcesPage({ sources, deploysOf }: Snapshot, query: SourcesQuery, viewer: Viewer): Html {
  const all = [...sources.values()];
  const found = inOrder(all.filter((source) => matches(source, query)));
  const room = { from: query.from, rows: CONSOLE_ROWS, bytes: CONSOLE_ROWS_BYTES };
  const fitted = fitInto(found, room, (source) =>
    row(source, deploysOf.get(formatSourceId(source.id)) ?? [], viewer),
  );
  const counts = Map.groupBy(all, ({ standing }) => standing);
  const { text, standing } = query;
  return html`<h1>Sources</h1>
<p class="counts">${STANDINGS.filter((one) => counts.has(one)).map(
    (one) => html`<a href="?standing=${one}">${badge(one)} ${counts.get(one)?.length}</a> `,
  )}</p>
${filterForm(query)}
${
  found.length === 0
    ? html`<p>${all.length === 0 ? 'No source has landed anything yet.' : 'None of that name or standing.'}</p>`
    : table('Sources', COLUMNS, fitted.shown)
}
${pager(fitted, { total: found.length, rows: CONSOLE_ROWS, query: { text, standing }, what: 'sources' })}`;
}
