import { html } from 'hono/html';
import { CONSOLE_ROWS, CONSOLE_ROWS_BYTES } from '../../shared/limits.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import type { Targets } from '../facts/jump.ts';
import { badge, deployPath, shownRevision, shownText, sourcePath } from './shown.ts';
import { fitInto, pager } from './shown-part.ts';
import type { Html, Viewer } from './viewer.ts';

interface ShownJump {
  readonly text: string;
  readonly targets: Targets;
  /** The first that is shown, from 0. */
  readonly from: number;
}

/** What a text may have meant, to choose from. */
export function jumpPage({ text, targets, from }: ShownJump, { base }: Viewer): Html {
  const all: readonly (() => Html)[] = [
    ...targets.sources.map(
      ({ id, standing, revisions }) =>
        () =>
          html`<li><a href="${base}${sourcePath(id)}">${shownText(formatSourceId(id))}</a> ${badge(standing)} ${shownRevision(revisions[0])}</li>`,
    ),
    ...targets.deploys.map(
      ({ id, stands }) =>
        () =>
          html`<li><a href="${base}${deployPath(id)}">${shownText(id.deploy)} of ${shownText(formatSourceId(id))}</a> ${badge(stands.state)}</li>`,
    ),
  ];
  const fitted = fitInto(all, { from, rows: CONSOLE_ROWS, bytes: CONSOLE_ROWS_BYTES }, (show) => show());
  const asked = shownText(text, 100);
  return html`<h1>Go to “${asked}”</h1>
${all.length === 0 ? html`<p>No source, deploy or revision has that in its name.</p>` : html`<ul>${fitted.shown}</ul>`}
${pager(fitted, { total: all.length, rows: CONSOLE_ROWS, query: { to: text }, what: 'names' })}`;
}
