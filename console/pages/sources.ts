import { html } from 'hono/html';
import { CONSOLE_ROWS } from '../../shared/limits.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import type { ConsoleSource, Standing } from '../facts.ts';
import { badge, type Html, shownRevision, shownTime, type Viewer } from './layout.ts';

export interface SourcesQuery {
  /** Part of a name or URL. */
  readonly text: string;
  readonly standing: string;
  /** From 1. */
  readonly page: number;
}

const STANDINGS: readonly Standing[] = ['failing', 'stalled', 'unknown', 'suspended', 'new', 'ready'];

const matches = ({ id, status, standing }: ConsoleSource, query: SourcesQuery): boolean =>
  (query.standing === '' || standing === query.standing) &&
  (query.text === '' || `${formatSourceId(id)} ${status?.url ?? ''}`.includes(query.text));

const row = (
  { id, status, standing, message }: ConsoleSource,
  { base, now }: Viewer,
): Html => html`<tr class="${standing}">
<th scope="row"><a href="${base}sources/${id.namespace}/${id.name}">${formatSourceId(id)}</a></th>
<td>${badge(standing)}</td><td>${shownRevision(status?.current?.revision ?? null)}</td>
<td>${shownTime(status?.current?.committedAt ?? null, now)}</td><td class="message">${message ?? ''}</td></tr>`;

const linkTo = ({ text, standing }: SourcesQuery, page: number): string =>
  `?${new URLSearchParams({ text, standing, page: String(page) })}`;

/** Those that need somebody first. */
const inOrder = (sources: readonly ConsoleSource[]): readonly ConsoleSource[] =>
  sources.toSorted((a, b) => STANDINGS.indexOf(a.standing) - STANDINGS.indexOf(b.standing));

/** The sources of a store, those in trouble first, a page of them. */
export function sourcesPage(sources: readonly ConsoleSource[], query: SourcesQuery, viewer: Viewer): Html {
  const found = inOrder(sources.filter((source) => matches(source, query)));
  const pages = Math.max(1, Math.ceil(found.length / CONSOLE_ROWS));
  const at = Math.min(Math.max(1, query.page), pages);
  const shown = found.slice((at - 1) * CONSOLE_ROWS, at * CONSOLE_ROWS);
  const counts = STANDINGS.map(
    (standing) => [standing, sources.filter((one) => one.standing === standing).length] as const,
  );
  return html`<h1>Sources</h1>
<p class="counts">${counts
    .filter(([, count]) => count > 0)
    .map(([standing, count]) => html`<a href="?standing=${standing}">${badge(standing)} ${count}</a> `)}</p>
<form class="filter" role="search"><label>Name or URL <input type="search" name="text" value="${query.text}"></label>
<label>Standing <select name="standing"><option value="">any</option>${STANDINGS.map(
    (standing) => html`<option ${standing === query.standing ? 'selected' : ''}>${standing}</option>`,
  )}</select></label><button>Filter</button></form>
<div class="wide"><table><thead><tr><th scope="col">Source</th><th scope="col">Standing</th><th scope="col">Revision</th><th scope="col">Since</th><th scope="col">Message</th></tr></thead>
<tbody>${shown.map((source) => row(source, viewer))}</tbody></table></div>
${found.length === 0 ? html`<p>${sources.length === 0 ? 'No source has landed anything yet.' : 'None of that name or standing.'}</p>` : ''}
<p class="pages">${at > 1 ? html`<a href="${linkTo(query, at - 1)}">previous</a>` : ''} ${pages > 1 ? `page ${at} of ${pages}` : ''} ${at < pages ? html`<a href="${linkTo(query, at + 1)}">next</a>` : ''}</p>`;
}
