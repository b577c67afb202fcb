import { html } from 'hono/html';
import type { Html } from './viewer.ts';

interface Room {
  /** The first item that is wanted, from 0. */
  readonly from?: number;
  readonly rows: number;
  /** Of all that is shown, as it is sent. */
  readonly bytes: number;
}

export interface ShownPart {
  readonly shown: readonly Html[];
  readonly from: number;
  /** The first item that is not shown. */
  readonly next: number;
}

/** As many items as there is room for, as they are shown; at least the first, whatever it takes. */
export function fitInto<T>(
  items: readonly T[],
  { from = 0, rows, bytes }: Room,
  show: (item: T, at: number) => Html,
): ShownPart {
  const first = Math.min(Math.max(0, from), Math.max(0, items.length - 1));
  const shown: Html[] = [];
  let left = bytes;
  for (const [at, item] of items.slice(first, first + rows).entries()) {
    const one = show(item, first + at);
    left -= Buffer.byteLength(String(one));
    if (left < 0 && shown.length > 0) break;
    shown.push(one);
  }
  return { shown, from: first, next: first + shown.length };
}

/** Which of how many are shown, and the way to the others. `query` is what else the page was asked for. */
export function pager(
  { from, next }: Pick<ShownPart, 'from' | 'next'>,
  {
    total,
    rows,
    query,
    what,
  }: {
    readonly total: number;
    readonly rows: number;
    readonly query: Readonly<Record<string, string>>;
    readonly what: string;
  },
): Html {
  if (from === 0 && next >= total) return html``;
  const link = (to: number, label: string): Html => {
    const search = new URLSearchParams({ ...query, at: String(to) });
    return html`<a href="?${search.toString()}">${label}</a>`;
  };
  return html`<nav class="pages" aria-label="More ${what}">${from > 0 ? link(Math.max(0, from - rows), 'previous') : ''} ${from + 1} to ${next} of ${total} ${what} ${next < total ? link(next, 'next') : ''}</nav>`;
}

/** Where a page was asked to begin, 0 where that is no number. */
export const startOf = (text: string | undefined): number => Math.max(0, Math.trunc(Number(text ?? 0))) || 0;
