import { html } from 'hono/html';
import type { ContentChange } from '../../shared/diff/content-diff.ts';
import { badge, type Html, type Viewer } from './layout.ts';

export interface ShownChange {
  readonly change: ContentChange;
  /** As `diff -u` writes it; undefined where it is not text, or not shown any more. */
  readonly patch: string | undefined;
}

const lineClass = (line: string): string =>
  line.startsWith('+') ? 'added' : line.startsWith('-') ? 'removed' : line.startsWith('@') ? 'quiet' : '';

const patchOf = (patch: string): Html =>
  html`<pre tabindex="0">${patch.split('\n').map((line) => html`<span class="${lineClass(line)}">${line}</span>\n`)}</pre>`;

const sizeOf = (content: ContentChange['before']): string =>
  content !== null && 'size' in content ? `${content.size} B` : '';

/** What changed between two revisions, file by file. */
export const diffPage = (
  { title, changes }: { readonly title: string; readonly changes: readonly ShownChange[] },
  { base }: Viewer,
): Html => html`<h1>${title}</h1><p><a href="${base}">Sources</a></p>
${
  changes.length === 0
    ? html`<p>The content is the same.</p>`
    : html`<ul class="changes">${changes.map(
        ({
          change: { path, change, before, after },
          patch,
        }) => html`<li>${badge(change)} <code>${path}</code> <span class="quiet">${[sizeOf(before), sizeOf(after)].filter(Boolean).join(' → ')}</span>
${patch === undefined ? '' : html`<details><summary>lines</summary>${patchOf(patch)}</details>`}</li>`,
      )}</ul>`
}`;
