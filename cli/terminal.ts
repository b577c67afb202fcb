/** The two streams a command writes to: one document or table on stdout, everything else on stderr. */
export interface Terminal {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
}

/**
 * Makes text from a registry safe to show: control characters could move the cursor or rewrite what stands above,
 * and bidirectional marks reorder it.
 */
export const printable = (text: string): string =>
  text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

export const writeLine = (stream: NodeJS.WritableStream, text: string): void => {
  stream.write(`${printable(text)}\n`);
};

/** `--json`: exactly one document on stdout. */
export const writeJson = (stream: NodeJS.WritableStream, document: unknown): void => {
  stream.write(`${JSON.stringify(document, null, 2)}\n`);
};
