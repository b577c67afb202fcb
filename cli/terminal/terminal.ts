import { printable, printableLine, printableMessage } from '../../shared/printable.ts';

/** What is written to: a terminal, a file or a pipe. */
export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/** The two streams a command writes to: one document or table on stdout, everything else on stderr. */
export interface Terminal {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

/** Columns that a line has room for; undefined: as many as it needs, as in a file. */
export function columnsOf(
  { isTTY, columns }: OutputStream,
  env: NodeJS.ProcessEnv = process.env,
): number | undefined {
  const told = Number(env['COLUMNS']);
  if (isTTY === true) return columns ?? 80;
  return Number.isInteger(told) && told > 0 ? told : undefined;
}

/** One line, whoever wrote parts of it. */
export const writeLine = (stream: NodeJS.WritableStream, text: string): void => {
  stream.write(`${printableLine(text)}\n`);
};

/** A line with the message of an error in it, which may be of several: those are further in. */
export const writeMessage = (stream: NodeJS.WritableStream, text: string): void => {
  stream.write(`${printableMessage(text)}\n`);
};

/** Text that has lines of its own: a document, a patch, a script. */
export const writeText = (stream: NodeJS.WritableStream, text: string): void => {
  stream.write(`${printable(text)}\n`);
};

/** `--json`: exactly one document on stdout. */
export const writeJson = (stream: NodeJS.WritableStream, document: unknown): void => {
  writeText(stream, JSON.stringify(document, null, 2));
};

/** One document a line. */
export const writeJsonLine = (stream: NodeJS.WritableStream, document: unknown): void => {
  writeLine(stream, JSON.stringify(document));
};
