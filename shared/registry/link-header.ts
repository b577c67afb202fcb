import { BLANK, type HeaderText, SEPARATORS, take, takeQuoted } from './http/header-text.ts';

/** One link of a Link header. */
export interface Link {
  readonly target: string;
  /** In lower case; undefined where it has none. */
  readonly relations: readonly string[] | undefined;
}

const TARGET = /<([^<>]*)>/y;
const NAME = /[^\s=;,"<>]+/y;
/** `'next'` as well: quotes that are none. */
const BARE = /[^;,"]*/y;
const SKIPPED = /[^,]*/y;

function skip(cursor: HeaderText, character: string): boolean {
  take(cursor, BLANK);
  if (cursor.text[cursor.at] !== character) return false;
  cursor.at += 1;
  take(cursor, BLANK);
  return true;
}

function takeValue(cursor: HeaderText): string {
  return takeQuoted(cursor) ?? (take(cursor, BARE)?.[0] ?? '').trim().replace(/^'(.*)'$/, '$1');
}

/** The relations among a link's parameters: the first `rel` counts (RFC 8288 section 3.3). */
function takeRelations(cursor: HeaderText): readonly string[] | undefined {
  let relations: readonly string[] | undefined;
  while (skip(cursor, ';')) {
    const name = take(cursor, NAME)?.[0].toLowerCase();
    if (name === undefined || !skip(cursor, '=')) continue;
    const value = takeValue(cursor);
    if (name === 'rel' && value.trim() !== '') relations ??= value.trim().toLowerCase().split(/\s+/);
  }
  return relations;
}

/**
 * Every link of a header, of several headers joined by commas too; `malformed` where something in it is no link.
 * @see https://www.rfc-editor.org/rfc/rfc8288#section-3
 */
export function parseLinks(text: string): { readonly links: readonly Link[]; readonly malformed: boolean } {
  const cursor: HeaderText = { text, at: 0 };
  const links: Link[] = [];
  let malformed = false;
  for (;;) {
    take(cursor, SEPARATORS);
    if (cursor.at >= text.length) return { links, malformed };
    const target = take(cursor, TARGET)?.[1]?.trim();
    if (target !== undefined) links.push({ target, relations: takeRelations(cursor) });
    take(cursor, BLANK);
    if (target !== undefined && (cursor.at >= text.length || text[cursor.at] === ',')) continue;
    malformed = true;
    // A comma may stand inside the target or quotes of what cannot be read; what follows is read as it comes.
    take(cursor, SKIPPED);
  }
}
