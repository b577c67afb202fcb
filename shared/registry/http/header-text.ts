import type { Dispatcher } from 'undici';

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

/** The value of a response header; a repeated one is joined, as RFC 9110 section 5.3 reads it. */
export function headerOf(headers: Dispatcher.ResponseData['headers'], name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.join(', ');
}
