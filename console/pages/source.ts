import { html } from 'hono/html';
import { CONSOLE_MESSAGE_CHARACTERS, CONSOLE_ROWS, CONSOLE_ROWS_BYTES } from '../../shared/limits.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import { lastFailureOf } from '../../shared/model/recent-failure.ts';
import type { Revision, Status } from '../../shared/model/status.ts';
import type { ConsoleSource } from '../facts/facts.ts';
import { signersOf } from '../facts/signers.ts';
import type { PlacedDeploy } from '../facts/snapshot.ts';
import { behindText } from './behind.ts';
import { button } from './button.ts';
import { placedRow, SOURCE_DEPLOY_COLUMNS } from './deploys.ts';
import { changedParts, partsSection } from './parts.ts';
import { askedLine, badge, shownRevision, shownText, shownTime, sourcePath, table } from './shown.ts';
import { fitInto, pager } from './shown-part.ts';
import type { Html, Viewer } from './viewer.ts';

export interface ShownSource {
  readonly source: ConsoleSource;
  /** Null where there is none yet, or none that can be read. */
  readonly status: Status | null;
  readonly deploys: readonly PlacedDeploy[];
  /** How it is watched. */
  readonly lines: readonly string[];
  /** The first revision that is shown, from 0. */
  readonly from: number;
  readonly asked: string | undefined;
}

/** Of the lists of the page; what is over of deploys and revisions has pages of its own. */
const DEPLOYS_ROOM = CONSOLE_ROWS_BYTES / 3;
const PARTS_ROOM = CONSOLE_ROWS_BYTES / 6;

function revisionItem(
  revision: Revision,
  before: Revision | undefined,
  { source }: ShownSource,
  viewer: Viewer,
): Html {
  const { generation, files, committedAt, trigger, who, reason } = revision;
  const { base, now } = viewer;
  const { namespace, name } = source.id;
  const isCurrent = generation === source.revisions[0]?.generation;
  const diff = new URLSearchParams({ from: before?.digest ?? '', to: revision.digest });
  const by = [
    trigger ?? 'an older version',
    who && `of ${shownText(who)}`,
    reason && `(${shownText(reason)})`,
  ];
  const rollback = {
    what: 'rollback',
    label: 'Roll back to this',
    of: `generation ${generation}`,
    fields: { namespace, name, to: revision.digest },
  };
  return html`<li><strong>${generation}</strong> ${shownRevision({ revision: revision.revision, signers: signersOf(revision.verification) })} ${isCurrent ? badge('current') : ''}
<br><span class="quiet">${shownTime(committedAt, now)} by ${by.filter(Boolean).join(' ')}, ${files} files${changedParts(revision, before, viewer)}</span>
${before === undefined ? '' : html`<br><a href="${base}${sourcePath(source.id)}/diff?${diff.toString()}">what changed in generation ${generation}</a>`}
${isCurrent ? '' : button(rollback, viewer)}</li>`;
}

const GRAPHED = 12;

/** From a source to its deploys, as a picture; the table beside it says the same. */
function graph({ source, deploys }: ShownSource): Html {
  if (deploys.length === 0 || deploys.length > GRAPHED) return html``;
  const height = 34 * deploys.length + 6;
  const middle = height / 2;
  const name = shownText(formatSourceId(source.id), 22);
  const ends = deploys.map((deploy, at) => {
    const y = 20 + 34 * at;
    const label = `${shownText(deploy.id.deploy, 24)}: ${behindText(deploy)}`;
    return html`<path d="M170 ${middle} C 220 ${middle} 220 ${y} 260 ${y}"/><text class="${deploy.stands.state.toLowerCase()}" x="266" y="${y + 4}">${label}</text>`;
  });
  return html`<svg class="graph" viewBox="0 0 540 ${height}" aria-hidden="true"><text x="4" y="${middle + 4}">${name}</text>${ends}</svg>`;
}

function deploysOf(shown: ShownSource, viewer: Viewer): Html {
  const { deploys, source } = shown;
  if (deploys.length === 0) return html`<h2>Deploys</h2><p>None has this source.</p>`;
  const room = { rows: CONSOLE_ROWS, bytes: DEPLOYS_ROOM };
  const fitted = fitInto(deploys, room, (deploy) => placedRow(deploy, viewer, true));
  const search = new URLSearchParams({ text: formatSourceId(source.id) });
  const more =
    fitted.next < deploys.length
      ? html`<p><a href="${viewer.base}deploys?${search.toString()}">all ${deploys.length}</a></p>`
      : '';
  return html`<h2>Deploys</h2>${graph(shown)}${table('Deploys', SOURCE_DEPLOY_COLUMNS, fitted.shown)}${more}`;
}

function failureOf({ source, status }: ShownSource): Html {
  if (source.message === null) return html``;
  const hint = status && (lastFailureOf(status)?.hint ?? null);
  return html`<p class="failure">${shownText(source.message, 4 * CONSOLE_MESSAGE_CHARACTERS)}${hint === null ? '' : html`<br>Next: ${shownText(hint)}`}</p>`;
}

/** One source: how it stands, what it had, and what runs on it. */
export function sourcePage(shown: ShownSource, viewer: Viewer): Html {
  const { source, status, lines, from, asked } = shown;
  const { id, standing, url } = source;
  const fields = { namespace: id.namespace, name: id.name };
  const revisions = status === null ? [] : [status.current ?? [], ...status.history].flat();
  const room = { from, rows: CONSOLE_ROWS, bytes: CONSOLE_ROWS_BYTES - DEPLOYS_ROOM - PARTS_ROOM };
  const fitted = fitInto(revisions, room, (revision, at) =>
    revisionItem(revision, revisions[at + 1], shown, viewer),
  );
  const hold =
    standing === 'suspended' ? { what: 'resume', label: 'Resume' } : { what: 'suspend', label: 'Suspend' };
  return html`<h1>${shownText(formatSourceId(id))} ${badge(standing)}</h1>
${askedLine(asked)}
<p class="quiet">${shownText(url)}${lines.map((line) => html`<br>${shownText(line)}`)}</p>
${failureOf(shown)}
<div>${button({ what: 'reconcile', label: 'Reconcile', fields }, viewer)}${button({ ...hold, fields }, viewer)}</div>
${deploysOf(shown, viewer)}
${partsSection(status?.current?.parts ?? [], PARTS_ROOM, viewer)}
<h2>History</h2>
${revisions.length === 0 ? html`<p>Nothing has landed yet.</p>` : html`<ol class="timeline" reversed start="${revisions.length - fitted.from}">${fitted.shown}</ol>`}
${pager(fitted, { total: revisions.length, rows: CONSOLE_ROWS, query: {}, what: 'revisions' })}`;
}
