import { printable } from '../../shared/printable.ts';

/** The two streams a command writes to: one document or table on stdout, everything else on stderr. */
export interface Terminal {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
}

export const writeLine = (stream: NodeJS.WritableStream, text: string): void => {
  stream.write(`${printable(text)}\n`);
};

/** `--json`: exactly one document on stdout. */
export const writeJson = (stream: NodeJS.WritableStream, document: unknown): void => {
  writeLine(stream, JSON.stringify(document, null, 2));
};
