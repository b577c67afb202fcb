/** One link of a Link header. */
export interface Link {
  readonly target: string;
  /** In lower case; undefined where it has none. */
  readonly relations: readonly string[] | undefined;
}

/** Space and tab. */
const BLANK = /[ \t]*/y;
const SEPARATORS = /[ \t,]*/y;
const TARGET = /<([^<>]*)>/y;
const NAME = /[^\s=;,"<>]+/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/y;
/** `'next'` as well: quotes that are none. */
const BARE = /[^;,"]*/y;
const SKIPPED = /[^,]*/y;

/** A cursor over header text. */
interface Cursor {
  readonly text: string;
  at: number;
}

function take(cursor: Cursor, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = cursor.at;
  const match = pattern.exec(cursor.text);
  if (match === null) return undefined;
  cursor.at = pattern.lastIndex;
  return match;
}

function skip(cursor: Cursor, character: string): boolean {
  take(cursor, BLANK);
  if (cursor.text[cursor.at] !== character) return false;
  cursor.at += 1;
  take(cursor, BLANK);
  return true;
}

function takeValue(cursor: Cursor): string {
  const quoted = take(cursor, QUOTED)?.[1]?.replace(/\\(.)/g, '$1');
  return quoted ?? (take(cursor, BARE)?.[0] ?? '').trim().replace(/^'(.*)'$/, '$1');
}

/** The relations among a link's parameters: the first `rel` counts (RFC 8288 section 3.3). */
function takeRelations(cursor: Cursor): readonly string[] | undefined {
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
  const cursor: Cursor = { text, at: 0 };
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
