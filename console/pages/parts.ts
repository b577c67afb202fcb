import { html } from 'hono/html';
import { CONSOLE_ROWS } from '../../shared/limits.ts';
import type { ComposedPart } from '../../shared/model/composition.ts';
import { parseQualified } from '../../shared/model/ids.ts';
import type { Revision } from '../../shared/model/status.ts';
import { shownRevision, shownText, sourcePath, table } from './shown.ts';
import { fitInto } from './shown-part.ts';
import type { Html, Viewer } from './viewer.ts';

const linkTo = ({ source }: ComposedPart, { base }: Viewer): Html =>
  html`<a href="${base}${sourcePath(parseQualified(source))}">${shownText(source)}</a>`;

const shownPart = ({ revision }: ComposedPart): Html => shownRevision({ revision, signers: null });

const COLUMNS = ['Part', 'Revision'];

/**
 * What a revision is composed of, with the way to each part; nothing where a registry holds it.
 * @param room bytes, as they are sent
 */
export function partsSection(parts: readonly ComposedPart[], room: number, viewer: Viewer): Html {
  if (parts.length === 0) return html``;
  const fitted = fitInto(
    parts,
    { rows: CONSOLE_ROWS, bytes: room },
    (part) => html`<tr><td>${linkTo(part, viewer)}</td><td>${shownPart(part)}</td></tr>`,
  );
  const left = parts.length - fitted.next;
  return html`<h2>Composed of</h2>${table('Parts', COLUMNS, fitted.shown)}${left > 0 ? html`<p>and ${left} more</p>` : ''}`;
}

/** How many a revision of the history names. */
const NAMED = 5;

/** What of a composed revision is other than in the one before it. */
export function changedParts(
  { parts = [] }: Pick<Revision, 'parts'>,
  before: Pick<Revision, 'parts'> | undefined,
  viewer: Viewer,
): Html {
  const earlier = before?.parts;
  if (earlier === undefined) return html``;
  const changed = parts.filter(
    ({ source, revision }) => !earlier.some((each) => each.source === source && each.revision === revision),
  );
  const named = changed.slice(0, NAMED).map((part) => html`<br>${linkTo(part, viewer)} ${shownPart(part)}`);
  return html`${named}${changed.length > NAMED ? html`<br>and ${changed.length - NAMED} more parts` : ''}`;
}
