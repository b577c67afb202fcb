import { html } from 'hono/html';
import { formatSourceId } from '../../shared/model/ids.ts';
import type { Revision } from '../../shared/model/status.ts';
import { signerName } from '../../shared/model/verification.ts';
import type { ConsoleDeploy, ConsoleSource } from '../facts.ts';
import { badge, button, type Html, shownRevision, shownTime, type Viewer } from './layout.ts';

function deployRow(
  { id, ledger, stands }: ConsoleDeploy,
  current: Revision | null,
  { base, now }: Viewer,
): Html {
  const applied = ledger?.applied ?? null;
  const behind = current !== null && (applied?.generation ?? 0) < current.generation;
  return html`<tr><th scope="row"><a href="${base}deploys/${id.deploy}/${id.namespace}/${id.name}">${id.deploy}</a></th>
<td>${badge(stands.state)}</td><td>${shownRevision(applied?.revision ?? null)}${behind ? html` <em>behind</em>` : ''}</td>
<td>${shownTime(stands.since, now)}</td><td class="message">${stands.message ?? ''}</td></tr>`;
}

/** Who signed it, where that was asked for. */
const signers = ({ verification }: Revision): Html =>
  verification === undefined
    ? html``
    : html`<br><span class="quiet">signed by ${verification.signatures.map(({ signer }) => signerName(signer)).join(', ')}</span>`;

function revisionItem(
  revision: Revision,
  before: Revision | undefined,
  source: ConsoleSource,
  viewer: Viewer,
): Html {
  const { generation, files, committedAt, trigger } = revision;
  const { base, now } = viewer;
  const { namespace, name } = source.id;
  const isCurrent = generation === source.status?.current?.generation;
  const diff = new URLSearchParams({ from: before?.digest ?? '', to: revision.digest });
  return html`<li><strong>${generation}</strong> ${shownRevision(revision.revision)} ${isCurrent ? badge('current') : ''}
<br><span class="quiet">${shownTime(committedAt, now)} by ${trigger ?? 'an older version'}, ${files} files</span>${signers(revision)}
${before === undefined ? '' : html`<br><a href="${base}sources/${namespace}/${name}/diff?${diff.toString()}">what changed</a>`}
${isCurrent ? '' : button({ what: 'rollback', label: 'Roll back to this', fields: { namespace, name, to: revision.revision } }, viewer)}</li>`;
}

/** From a source to its deploys, as a picture; the table beside it says the same. */
function graph(source: ConsoleSource, deploys: readonly ConsoleDeploy[]): Html {
  if (deploys.length === 0 || deploys.length > 12) return html``;
  const height = 34 * deploys.length + 6;
  const middle = height / 2;
  return html`<svg class="graph" viewBox="0 0 460 ${height}" role="img" aria-label="Deploys of ${formatSourceId(source.id)}">
<text x="4" y="${middle + 4}">${formatSourceId(source.id).slice(0, 22)}</text>${deploys.map(
    ({ id, stands }, at) => {
      const y = 20 + 34 * at;
      return html`<path d="M170 ${middle} C 220 ${middle} 220 ${y} 260 ${y}"/><text class="${stands.state.toLowerCase()}" x="266" y="${y + 4}">${id.deploy.slice(0, 24)}</text>`;
    },
  )}</svg>`;
}

/** One source: how it stands, what it had, and what runs on it. */
export function sourcePage(source: ConsoleSource, deploys: readonly ConsoleDeploy[], viewer: Viewer): Html {
  const { id, status, standing, message } = source;
  const { namespace, name } = id;
  const fields = { namespace, name };
  const revisions =
    status === null ? [] : [...(status.current === null ? [] : [status.current]), ...status.history];
  return html`<h1>${formatSourceId(id)} ${badge(standing)}</h1>
<p class="quiet">${status?.url ?? ''}</p>
${message === null ? '' : html`<p class="failure" role="status">${message}${status?.failure?.hint ? html`<br>Next: ${status.failure.hint}` : ''}</p>`}
<div>${button({ what: 'reconcile', label: 'Reconcile', fields }, viewer)}${button(
    standing === 'suspended'
      ? { what: 'resume', label: 'Resume', fields }
      : { what: 'suspend', label: 'Suspend', fields },
    viewer,
  )}</div>
<h2>Deploys</h2>${
    deploys.length === 0
      ? html`<p>None has this source.</p>`
      : html`${graph(source, deploys)}<div class="wide"><table><thead><tr><th scope="col">Deploy</th><th scope="col">State</th><th scope="col">Applied</th><th scope="col">Since</th><th scope="col">Message</th></tr></thead>
<tbody>${deploys.map((deploy) => deployRow(deploy, status?.current ?? null, viewer))}</tbody></table></div>`
  }
<h2>History</h2>
<ol class="timeline" reversed>${revisions.map((revision, at) => revisionItem(revision, revisions[at + 1], source, viewer))}</ol>`;
}
