import { once } from 'node:events';
import { printable } from '../../shared/printable.ts';

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

export const writeLine = (stream: NodeJS.WritableStream, text: string): void => {
  stream.write(`${printable(text)}\n`);
};

/** `--json`: exactly one document on stdout. */
export const writeJson = (stream: NodeJS.WritableStream, document: unknown): void => {
  writeLine(stream, JSON.stringify(document, null, 2));
};

/** One document a line. */
export const writeJsonLine = (stream: NodeJS.WritableStream, document: unknown): void => {
  writeLine(stream, JSON.stringify(document));
};

/** A line among many: waits where the reader is slower. @throws the signal's reason */
export async function writeNext(
  stream: NodeJS.WritableStream,
  text: string,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  if (stream.write(`${printable(text)}\n`)) return;
  try {
    await once(stream, 'drain', { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

/** Writes an array element by element, as {@link writeJson} would write it whole. */
export function arrayWriter(stream: NodeJS.WritableStream, signal: AbortSignal) {
  let last: string | undefined;
  return {
    async add(element: unknown): Promise<void> {
      const next = `  ${JSON.stringify(element, null, 2).replaceAll('\n', '\n  ')}`;
      await writeNext(stream, last === undefined ? '[' : `${last},`, signal);
      last = next;
    },
    async end(): Promise<void> {
      await writeNext(stream, last === undefined ? '[]' : `${last}\n]`, signal);
    },
  };
}
