/** Control and format characters (C1, bidi, zero width), private ones and separators of lines. */
const UNPRINTABLE = /[^\P{C} ]|[\u2028\u2029]/gu;

const escapeUnits = (character: string): string =>
  character
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');

/** Text for a terminal or a log, whoever wrote it: what moves cursors, hides or turns letters around is escaped as in JSON. */
export const printable = (text: string): string => text.replace(UNPRINTABLE, escapeUnits);
