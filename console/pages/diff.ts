import { html } from 'hono/html';
import type { ContentChange } from '../../shared/diff/content-diff.ts';
import {
  CONSOLE_LINE_CHARACTERS,
  CONSOLE_PATCH_BYTES,
  CONSOLE_ROWS,
  CONSOLE_ROWS_BYTES,
} from '../../shared/limits.ts';
import { formatSourceId, type SourceId } from '../../shared/model/ids.ts';
import type { Revision } from '../../shared/model/status.ts';
import { signersOf } from '../facts/signers.ts';
import { badge, shownCode, shownRevision, shownText, sourcePath } from './shown.ts';
import { fitInto, pager } from './shown-part.ts';
import type { Html, Viewer } from './viewer.ts';

export interface ShownChange {
  readonly change: ContentChange;
  /** As `diff -u` writes it; undefined where it is not text, or not shown any more. */
  readonly patch: string | undefined;
}

export interface ShownDiff {
  readonly id: SourceId;
  readonly before: Revision;
  readonly after: Revision;
  readonly changes: readonly ShownChange[];
  /** The first change that is shown, from 0. */
  readonly from: number;
  /** The only file that is shown, with all its lines that fit. */
  readonly path: string | undefined;
}

const lineClass = (line: string): string =>
  line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : line.startsWith('@') ? 'quiet' : '';

/** Lines that follow each other and are of one kind, as one piece. */
function pieces(patch: string): readonly { readonly kind: string; readonly text: string }[] {
  const all: { kind: string; text: string }[] = [];
  for (const line of patch.replace(/\n$/, '').split('\n')) {
    const kind = lineClass(line);
    const text = `${shownCode(line, CONSOLE_LINE_CHARACTERS)}\n`;
    const last = all.at(-1);
    if (last?.kind === kind && last.text.length < CONSOLE_LINE_CHARACTERS) last.text += text;
    else all.push({ kind, text });
  }
  return all;
}

/** The lines of a patch that fit, and whether those are all. */
function patchOf(
  patch: string,
  path: string,
  bytes: number,
): { readonly shown: Html; readonly isWhole: boolean } {
  const all = pieces(patch);
  const room = { rows: all.length, bytes };
  const fitted = fitInto(all, room, ({ kind, text }) =>
    kind === '' ? html`${text}` : html`<span class="${kind}">${text}</span>`,
  );
  const shown = html`<pre tabindex="0" role="region" aria-label="Lines of ${shownText(path)}">${fitted.shown}</pre>`;
  return { shown, isWhole: fitted.next >= all.length };
}

const sizeOf = (content: ContentChange['before']): string =>
  content !== null && 'size' in content ? `${content.size} B` : '';

function linesOf({ change, patch }: ShownChange, { path, before, after }: ShownDiff): Html {
  const name = shownText(change.path);
  const search = new URLSearchParams({ from: before.digest, to: after.digest, path: change.path });
  const own = html`<a href="?${search.toString()}">lines of ${name}</a>`;
  const isOne = path !== undefined;
  if (patch === undefined)
    return isOne ? html`<p>Its lines cannot be shown: it is no text, or too large.</p>` : own;
  const { shown, isWhole } = patchOf(patch, change.path, isOne ? CONSOLE_ROWS_BYTES : CONSOLE_PATCH_BYTES);
  if (isOne)
    return isWhole ? shown : html`<p>Its first lines; <code>landfall diff -u</code> prints all.</p>${shown}`;
  return isWhole ? html`<details><summary>lines of ${name}</summary>${shown}</details>` : own;
}

function changeItem(shown: ShownChange, of: ShownDiff): Html {
  const { path, change, before, after } = shown.change;
  const sizes = [sizeOf(before), sizeOf(after)].filter(Boolean).join(' → ');
  return html`<li>${badge(change)} <code>${shownText(path, CONSOLE_LINE_CHARACTERS)}</code> <span class="quiet">${sizes}</span>
${linesOf(shown, of)}</li>`;
}

const revisionOf = ({ generation, revision, verification }: Revision): Html =>
  html`generation ${generation}, ${shownRevision({ revision, signers: signersOf(verification) })}`;

export const diffTitle = ({ id, before, after }: Pick<ShownDiff, 'id' | 'before' | 'after'>): string =>
  `${formatSourceId(id)}: generation ${before.generation} to ${after.generation}`;

/** What changed between two revisions, file by file. */
export function diffPage(shown: ShownDiff, { base }: Viewer): Html {
  const { id, before, after, changes, from, path } = shown;
  const room = { from, rows: CONSOLE_ROWS, bytes: CONSOLE_ROWS_BYTES };
  const fitted = fitInto(changes, room, (change) => changeItem(change, shown));
  const of = { from: before.digest, to: after.digest };
  const query = path === undefined ? of : { ...of, path };
  return html`<h1>${shownText(diffTitle(shown))}</h1><p><a href="${base}${sourcePath(id)}">${shownText(formatSourceId(id))}</a></p>
<p>${revisionOf(before)}<br>to ${revisionOf(after)}</p>
${changes.length === 0 ? html`<p>The content is the same.</p>` : html`<ul class="changes">${fitted.shown}</ul>`}
${pager(fitted, { total: changes.length, rows: CONSOLE_ROWS, query, what: 'files' })}`;
}
