import { html } from 'hono/html';
import { CONSOLE_ROWS, CONSOLE_ROWS_BYTES } from '../../shared/limits.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import type { PlacedDeploy } from '../facts/snapshot.ts';
import { behindText } from './behind.ts';
import { badge, deployPath, shownRevision, shownText, shownTime, sourcePath, table } from './shown.ts';
import { fitInto, pager } from './shown-part.ts';
import type { Html, Viewer } from './viewer.ts';

export interface DeploysQuery {
  /** Part of the name of a deploy or its source. */
  readonly text: string;
  /** A state, or `behind`. */
  readonly state: string;
  /** The first that is shown, from 0. */
  readonly from: number;
}

const appliedOf = ({ applied, signers }: PlacedDeploy) => applied && { revision: applied.revision, signers };

/** Of a table of deploys; `isOfSource`: all are of one, which is not named again. */
export function placedRow(deploy: PlacedDeploy, { base, now }: Viewer, isOfSource = false): Html {
  const { id, stands, current } = deploy;
  const source = html`<td><a href="${base}${sourcePath(id)}">${shownText(formatSourceId(id))}</a></td>`;
  const wanted = deploy.behind === 0 || deploy.behind === null ? '' : html` of ${shownRevision(current)}`;
  return html`<tr>
<th scope="row"><a href="${base}${deployPath(id)}">${shownText(id.deploy)}</a></th>${isOfSource ? '' : source}<td>${badge(stands.state)}</td>
<td>${shownRevision(appliedOf(deploy))}</td><td>${behindText(deploy)}${wanted}</td><td>${shownTime(stands.since, now)}</td><td class="message">${shownText(stands.message ?? '')}</td></tr>`;
}

const FIRST = ['Failed', 'RolledBack', 'CutOff', 'Unknown', 'Waiting', 'Running', 'Succeeded'] as const;
const COLUMNS = ['State', 'Applied', 'Beside what is current', 'Since', 'Message'];
export const SOURCE_DEPLOY_COLUMNS = ['Deploy', ...COLUMNS];

const isBehind = ({ behind }: PlacedDeploy): boolean => behind !== null && behind > 0;

const matches = (deploy: PlacedDeploy, { text, state }: DeploysQuery): boolean =>
  (state === '' || (state === 'behind' ? isBehind(deploy) : deploy.stands.state === state)) &&
  (text === '' || `${deploy.id.deploy} ${formatSourceId(deploy.id)}`.includes(text));

/** How many there are of each state, and how many are behind, each a way to those. */
function counts(deploys: readonly PlacedDeploy[]): Html {
  const byState = Map.groupBy(deploys, ({ stands }) => stands.state);
  const late = deploys.filter(isBehind).length;
  const states = FIRST.filter((state) => byState.has(state)).map(
    (state) => html`<a href="?state=${state}">${badge(state)} ${byState.get(state)?.length}</a> `,
  );
  return html`<p class="counts">${states}${late === 0 ? '' : html`<a href="?state=behind">${badge('behind')} ${late}</a>`}</p>`;
}

/** Every deploy of every source, those in trouble first, as many as a page holds. */
export function deploysPage(deploys: readonly PlacedDeploy[], query: DeploysQuery, viewer: Viewer): Html {
  const found = deploys
    .filter((deploy) => matches(deploy, query))
    .toSorted((a, b) => FIRST.indexOf(a.stands.state) - FIRST.indexOf(b.stands.state));
  const room = { from: query.from, rows: CONSOLE_ROWS, bytes: CONSOLE_ROWS_BYTES };
  const fitted = fitInto(found, room, (deploy) => placedRow(deploy, viewer));
  const { text, state } = query;
  return html`<h1>Deploys</h1>
${counts(deploys)}
<form class="filter" role="search" aria-label="Filter deploys"><label>Name of it or its source <input type="search" name="text" value="${shownText(text)}"></label>
<input type="hidden" name="state" value="${shownText(state)}"><button>Filter</button></form>
${
  found.length === 0
    ? html`<p>${deploys.length === 0 ? 'There is none.' : 'None of that name or state.'}</p>`
    : table('Deploys', ['Deploy', 'Source', ...COLUMNS], fitted.shown)
}
${pager(fitted, { total: found.length, rows: CONSOLE_ROWS, query: { text, state }, what: 'deploys' })}`;
}
