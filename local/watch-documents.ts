import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../shared/clock.ts';
import { asLandfallError } from '../shared/errors.ts';
import type { Log } from '../shared/log.ts';
import { loadConfiguration } from '../shared/source/document.ts';
import type { Configuration } from '../shared/source/source.ts';
import type { Serving } from './serve.ts';

const LOOK_MS = 2_000;

export interface WatchDocumentsDeps {
  readonly serving: Pick<Serving, 'replace'>;
  /** What is in force now. */
  readonly onRead: (configuration: Configuration) => void;
  readonly log: Log;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Changes whenever a file that could be read changes, comes or goes. */
async function stampOf(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return `${path} missing`;
  if (!found.isDirectory()) return `${path} ${found.mtimeMs} ${found.size}`;
  const names = (await readdir(path)).filter((name) => !name.startsWith('.')).sort();
  return (await Promise.all(names.map((name) => stampOf(join(path, name))))).join('\n');
}

const stampsOf = async (paths: readonly string[]): Promise<string> =>
  (await Promise.all(paths.map(stampOf))).join('\n');

/**
 * Reads the documents again when they change. Documents that turn bad change nothing: the log says what is wrong,
 * and what was read last stays in force. Looked at by time, because file notifications do not cross every mount.
 */
export async function watchDocuments(
  paths: readonly string[],
  { serving, onRead, log, clock, signal }: WatchDocumentsDeps,
): Promise<void> {
  let seen = await stampsOf(paths);
  while (!signal.aborted) {
    await clock.sleep(LOOK_MS, signal).catch(() => {});
    const now = await stampsOf(paths);
    if (signal.aborted || now === seen) continue;
    seen = now;
    try {
      const configuration = await loadConfiguration(paths);
      await serving.replace(configuration);
      log('info', 'documents read again', { sources: configuration.sources.length });
      onRead(configuration);
    } catch (error) {
      const { code, message } = asLandfallError(error);
      log('error', 'changed documents are not used; the last good ones stay', { code, error: message });
    }
  }
}
