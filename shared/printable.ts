/** Control and format characters (C1, bidi, zero width), private ones and separators; text may have lines and tabs. */
const UNPRINTABLE = /[^\P{C}\n\t]|[\u2028\u2029]/gu;

const escapeUnits = (character: string, sign: string): string =>
  character
    .split('')
    .map((unit) => `${sign}u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');

/** The text with a sign, a `u` and the number, in the place of each unit that is not to be seen. */
export const escapedBy = (text: string, sign: string): string =>
  text.replace(UNPRINTABLE, (character) => escapeUnits(character, sign));

/**
 * Text for a terminal or a log, whoever wrote it: what moves cursors, hides or turns letters around is escaped as in
 * JSON, of which it makes JSON that says the same.
 */
export const printable = (text: string): string => escapedBy(text, '\\');

/** The same for a name or a part of a sentence, which is one line. */
export const printableLine = (text: string): string =>
  printable(text).replaceAll('\n', '\\u000a').replaceAll('\t', '\\u0009');

/** More than stands before anything that Landfall says on a line of its own, such as "  next: ". */
const FURTHER = '\n    ';

/** Lines as one message, whoever wrote them: those after the first stand further in, where Landfall begins no line. */
export const printableLines = (lines: readonly string[]): string => lines.map(printableLine).join(FURTHER);

/** The same for a message that may have been made of lines so; any other line break in it is somebody else's. */
export const printableMessage = (message: string): string => printableLines(message.split(FURTHER));
