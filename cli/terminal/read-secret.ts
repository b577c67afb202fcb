import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { LandfallError } from '../../shared/errors.ts';
import { readAtMost } from '../../shared/kernel/read-bytes.ts';
import { SECRET_BYTES } from '../../shared/limits.ts';
import type { Terminal } from './terminal.ts';

/** The whole of stdin, less the line end that `echo` adds. @throws LandfallError USAGE */
export async function readPiped(what: string): Promise<string> {
  const { bytes, whole } = await readAtMost(process.stdin, SECRET_BYTES);
  const secret = bytes.toString('utf8').replace(/\r?\n$/, '');
  if (whole && secret !== '') return secret;
  const got = whole ? 'nothing' : `more than ${SECRET_BYTES} bytes`;
  throw new LandfallError('USAGE', `${what} was to come on stdin, and ${got} came`);
}

/** Asks on the terminal and shows nothing of what is typed. */
export async function askSecret(
  question: string,
  { stderr }: Terminal,
  signal: AbortSignal,
): Promise<string> {
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  stderr.write(`${question}: `);
  try {
    return await lines.question('', { signal });
  } finally {
    stderr.write('\n');
    lines.close();
  }
}
