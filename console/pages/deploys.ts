import { html } from 'hono/html';
import type { KeptRun } from '../../shared/deploy/visit/run-history.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import type { ConsoleDeploy } from '../facts.ts';
import { badge, button, type Html, shownRevision, shownTime, type Viewer } from './layout.ts';

const row = ({ id, ledger, stands }: ConsoleDeploy, { base, now }: Viewer): Html => html`<tr>
<th scope="row"><a href="${base}deploys/${id.deploy}/${id.namespace}/${id.name}">${id.deploy}</a></th>
<td><a href="${base}sources/${id.namespace}/${id.name}">${formatSourceId(id)}</a></td><td>${badge(stands.state)}</td>
<td>${shownRevision(ledger?.applied?.revision ?? null)}</td><td>${shownTime(stands.since, now)}</td><td class="message">${stands.message ?? ''}</td></tr>`;

const FIRST: readonly string[] = [
  'Failed',
  'RolledBack',
  'CutOff',
  'Unknown',
  'Waiting',
  'Running',
  'Succeeded',
];

/** Every deploy of every source, those in trouble first. */
export const deploysPage = (deploys: readonly ConsoleDeploy[], viewer: Viewer): Html => html`<h1>Deploys</h1>
${
  deploys.length === 0
    ? html`<p>There is none.</p>`
    : html`<div class="wide"><table><thead><tr><th scope="col">Deploy</th><th scope="col">Source</th><th scope="col">State</th><th scope="col">Applied</th><th scope="col">Since</th><th scope="col">Message</th></tr></thead>
<tbody>${deploys
        .toSorted((a, b) => FIRST.indexOf(a.stands.state) - FIRST.indexOf(b.stands.state))
        .map((deploy) => row(deploy, viewer))}</tbody></table></div>`
}`;

const runItem = (
  run: KeptRun,
  isNewest: boolean,
  { now }: Viewer,
): Html => html`<li><details ${isNewest ? 'open' : ''}><summary>${badge(run.state)} generation ${run.generation}, try ${run.attempt}, ${shownTime(run.since, now)}</summary>
${run.message === null ? '' : html`<p class="message">${run.message}</p>`}<pre tabindex="0" aria-label="Log">${run.log.map(({ at, line }) => `${at}  ${line}\n`)}</pre></details></li>`;

/** One deploy of one source: what it waits for, what it would do, and what its runs said. */
export function deployPage(
  { id, ledger, stands, current }: ConsoleDeploy & { readonly current: string | undefined },
  runs: readonly KeptRun[],
  viewer: Viewer,
): Html {
  const { deploy, namespace, name } = id;
  const fields = { deploy, namespace, name };
  const waiting = ledger?.waiting ?? null;
  // What is decided is what was seen, whatever has become current since.
  const asked =
    ledger?.run?.asks === true ? ledger.run.digest : waiting?.for === 'approval' ? waiting.digest : undefined;
  const of = (revision: string) => ({ ...fields, revision });
  const { plan = null } = waiting ?? {};
  return html`<h1>${deploy} of <a href="${viewer.base}sources/${namespace}/${name}">${formatSourceId(id)}</a> ${badge(stands.state)}</h1>
<p>Applied: ${shownRevision(ledger?.applied?.revision ?? null)} ${shownTime(ledger?.applied?.at ?? null, viewer.now)}</p>
${stands.message === null ? '' : html`<p class="failure" role="status">${stands.message}${ledger?.failure?.hint ? html`<br>Next: ${ledger.failure.hint}` : ''}</p>`}
${plan === null ? '' : html`<h2>Plan</h2><p>${plan.summary}</p><ul>${plan.changes.map(({ action, what, why }) => html`<li>${badge(action)} ${what}${why === undefined ? '' : html` <span class="quiet">${why}</span>`}</li>`)}</ul>`}
<div>${asked === undefined ? '' : html`${button({ what: 'approve', label: 'Approve', fields: of(asked), reason: true }, viewer)}${button({ what: 'reject', label: 'Reject', fields: of(asked), reason: true }, viewer)}`}${button({ what: 'replay', label: 'Apply again', fields }, viewer)}${current === undefined ? '' : button({ what: 'skip', label: 'Skip this revision', fields: of(current), reason: true }, viewer)}</div>
<h2>Runs</h2>${runs.length === 0 ? html`<p>It has not run yet.</p>` : html`<ol class="timeline" reversed>${runs.toReversed().map((run, at) => runItem(run, at === 0, viewer))}</ol>`}`;
}
