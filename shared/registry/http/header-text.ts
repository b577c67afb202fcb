/** The text of a header, and how far it is read. */
export interface HeaderText {
  readonly text: string;
  at: number;
}

/** Takes what a sticky pattern finds where the cursor stands; undefined: nothing, and it stays. */
export function take(cursor: HeaderText, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = cursor.at;
  const match = pattern.exec(cursor.text);
  if (match === null) return undefined;
  cursor.at = pattern.lastIndex;
  return match;
}

/** Space and tab. */
export const BLANK = /[ \t]*/y;
export const SEPARATORS = /[ \t,]*/y;

/** A quoted string without its quotes and escapes. */
export const takeQuoted = (cursor: HeaderText): string | undefined =>
  take(cursor, /"((?:[^"\\]|\\.)*)"/y)?.[1]?.replace(/\\(.)/g, '$1');
