import { html } from 'hono/html';
import type { Ledger } from '../../shared/deploy/ledger/ledger.ts';
import type { StandingRun } from '../../shared/deploy/visit/standing-runs.ts';
import { CONSOLE_LINE_CHARACTERS, CONSOLE_ROWS_BYTES, RUN_LOG_LINES } from '../../shared/limits.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import type { PlacedDeploy } from '../facts/snapshot.ts';
import { behindText } from './behind.ts';
import { button } from './button.ts';
import { shownDuration } from './chart.ts';
import {
  askedLine,
  badge,
  deployPath,
  shownLine,
  shownRevision,
  shownText,
  shownTime,
  sourcePath,
} from './shown.ts';
import { fitInto } from './shown-part.ts';
import type { Html, Viewer } from './viewer.ts';

export interface ShownDeploy {
  readonly deploy: PlacedDeploy;
  /** Null where it cannot be read. */
  readonly ledger: Ledger | null;
  /** Oldest first. */
  readonly runs: readonly StandingRun[];
  /** The run whose log is shown: undefined: the newest. */
  readonly run: string | undefined;
  readonly asked: string | undefined;
}

/** The end of a log, which is what people look for; all of it is a page of its own. */
function logOf({ id, log }: StandingRun, path: string): Html {
  if (log.length === 0) return html`<p class="quiet">It has said nothing.</p>`;
  const room = { rows: RUN_LOG_LINES, bytes: CONSOLE_ROWS_BYTES };
  const { shown } = fitInto(
    log.toReversed(),
    room,
    ({ at, line }) => html`${at}  ${shownLine(line, CONSOLE_LINE_CHARACTERS)}\n`,
  );
  const search = new URLSearchParams({ run: id });
  const all = html`<a href="${path}/log?${search.toString()}">whole log</a>`;
  const left = log.length - shown.length;
  return html`<p class="quiet">${left === 0 ? '' : html`The last ${shown.length} of ${log.length} lines. `}${all}</p>
<pre tabindex="0" role="region" aria-label="Log">${shown.toReversed()}</pre>`;
}

function runItem(run: StandingRun, isShown: boolean, path: string, { now }: Viewer): Html {
  const { state, generation, attempt, since, ended, message, id } = run;
  const took = ended === null ? '' : `, took ${shownDuration(Date.parse(ended) - Date.parse(since))}`;
  const heading = html`${badge(state)} generation ${generation}, try ${attempt}, ${shownTime(since, now)}${took}`;
  const told = message === null ? '' : html`<p class="message">${shownText(message)}</p>`;
  if (isShown) return html`<li>${heading}${told}${logOf(run, path)}</li>`;
  const search = new URLSearchParams({ run: id });
  return html`<li>${heading}${told}<p><a href="${path}?${search.toString()}">log of generation ${generation}, try ${attempt}</a></p></li>`;
}

function planOf(plan: NonNullable<Ledger['waiting']>['plan']): Html {
  if (plan === null) return html``;
  const { summary, changes, more } = plan;
  const items = changes.map(
    ({ action, what, why }) =>
      html`<li>${badge(action)} ${shownText(what)}${why === undefined ? '' : html` <span class="quiet">${shownText(why)}</span>`}</li>`,
  );
  return html`<h2>Plan</h2><p>${shownText(summary)}</p><ul>${items}${more === 0 ? '' : html`<li>and ${more} more</li>`}</ul>`;
}

/** What is asked for is what was seen, whatever has become current since. */
function buttons({ deploy, ledger }: ShownDeploy, viewer: Viewer): Html {
  const { id, current } = deploy;
  const fields = { deploy: id.deploy, namespace: id.namespace, name: id.name };
  const of = (revision: string) => ({ ...fields, revision });
  const waiting = ledger?.waiting ?? null;
  const asked =
    ledger?.run?.asks === true ? ledger.run.digest : waiting?.for === 'approval' ? waiting.digest : undefined;
  const decisions =
    asked === undefined
      ? html``
      : html`${button({ what: 'approve', label: 'Approve', fields: of(asked), reason: true }, viewer)}${button({ what: 'reject', label: 'Reject', fields: of(asked), reason: true }, viewer)}`;
  const skip =
    current === undefined
      ? html``
      : button(
          { what: 'skip', label: 'Skip this revision', fields: of(current.digest), reason: true },
          viewer,
        );
  return html`<div>${decisions}${button({ what: 'replay', label: 'Apply again', fields }, viewer)}${skip}</div>`;
}

/** One deploy of one source: what it waits for, what it would do, and what its runs said. */
export function deployPage(shown: ShownDeploy, viewer: Viewer): Html {
  const { deploy, ledger, runs, asked } = shown;
  const { id, stands, applied, signers, current, behind } = deploy;
  const path = `${viewer.base}${deployPath(id)}`;
  const chosen = runs.find((run) => run.id === shown.run) ?? runs.at(-1);
  const hint = ledger?.failure?.hint ?? null;
  const late = behind === null || behind === 0 ? '' : html`: current is ${shownRevision(current)}`;
  return html`<h1>${shownText(id.deploy)} of <a href="${viewer.base}${sourcePath(id)}">${shownText(formatSourceId(id))}</a> ${badge(stands.state)}</h1>
${askedLine(asked)}
<p>Applied: ${shownRevision(applied && { revision: applied.revision, signers })} ${shownTime(applied?.at ?? null, viewer.now)}; ${behindText(deploy)}${late}</p>
${stands.message === null ? '' : html`<p class="failure">${shownText(stands.message, CONSOLE_LINE_CHARACTERS)}${hint === null ? '' : html`<br>Next: ${shownText(hint)}`}</p>`}
${planOf(ledger?.waiting?.plan ?? null)}
${buttons(shown, viewer)}
<h2>Runs</h2>${runs.length === 0 ? html`<p>It has not run yet.</p>` : html`<ol class="timeline" reversed>${runs.toReversed().map((run) => runItem(run, run === chosen, path, viewer))}</ol>`}`;
}
