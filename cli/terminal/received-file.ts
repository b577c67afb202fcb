import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { LandfallError } from '../../shared/errors.ts';
import { unreadable } from '../../shared/pack/source-file.ts';

export interface ReceivedFile extends AsyncDisposable {
  readonly path: string;
}

/**
 * All that comes on stdin, as a file of that name. Nothing is an error: what made it has failed, and an empty artifact
 * would have deploys remove everything.
 * @throws LandfallError USAGE, INPUT_UNREADABLE
 */
export async function receivedFile(
  name: string,
  { wanted, signal }: { readonly wanted: string; readonly signal: AbortSignal },
): Promise<ReceivedFile> {
  if (process.stdin.isTTY === true) throw new LandfallError('USAGE', `${wanted} was to be piped in`);
  const folder = await mkdtemp(join(tmpdir(), 'landfall-piped-')).catch((cause) => {
    throw unreadable(tmpdir(), cause);
  });
  const dispose = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const path = join(folder, name);
  try {
    await pipeline(process.stdin, createWriteStream(path, { mode: 0o600 }), { signal });
    if ((await stat(path)).size > 0) return { path, [Symbol.asyncDispose]: dispose };
    throw new LandfallError('USAGE', `${wanted} was to come on stdin, and nothing came`);
  } catch (error) {
    await dispose();
    if (signal.aborted) throw signal.reason;
    throw error instanceof LandfallError ? error : unreadable('what is piped in', error);
  }
}
