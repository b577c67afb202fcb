/** Control and format characters (C1, bidi, zero width), private ones and separators; text may have lines and tabs. */
const UNPRINTABLE = /[^\P{C}\n\t]|[\u2028\u2029]/gu;

const escapeUnits = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');

/**
 * Text for a terminal or a log, whoever wrote it: what moves cursors, hides or turns letters around is escaped as in
 * JSON, of which it makes JSON that says the same.
 */
export const printable = (text: string): string => text.replace(UNPRINTABLE, escapeUnits);

/** The same for a name or a part of a sentence, which is one line. */
export const printableLine = (text: string): string =>
  printable(text).replaceAll('\n', '\\u000a').replaceAll('\t', '\\u0009');
