import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { skipWithout } from '../programs/tool.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { until } from '../until.ts';

const PROGRAM = 'zot';

/** zot with its events extension, running on 127.0.0.1 over a folder of its own. */
export interface Zot {
  readonly host: string;
  close(): Promise<void>;
}

/** For a test's `skip`: false where zot can be started, else why not. */
export const skipWithoutZot = (what: string): string | false => skipWithout([PROGRAM], what);

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function answers(url: string): Promise<true | undefined> {
  try {
    const response = await fetch(url);
    await response.body?.cancel();
    return response.ok || undefined;
  } catch {
    return undefined;
  }
}

/** Events go to `sink`, with these credentials: `{ token }`, or `{ username, password }`. */
export async function startZot(
  host: string,
  sink: { readonly url: string; readonly credentials: Readonly<Record<string, string>> },
): Promise<Zot> {
  const folder = await temporaryFolder();
  const [address, port] = host.split(':');
  const path = join(folder.path, 'zot.json');
  const { url, credentials } = sink;
  const http = [{ type: 'http', address: url, timeout: '3s', credentials }];
  await writeFile(
    path,
    JSON.stringify({
      distSpecVersion: '1.1.1',
      storage: { rootDirectory: join(folder.path, 'store') },
      http: { address, port },
      log: { level: 'error' },
      extensions: { events: { enable: true, sinks: http } },
    }),
  );
  const child = spawn(PROGRAM, ['serve', path], { stdio: 'ignore' });
  await until('zot to answer', () => answers(`http://${host}/v2/`));
  return {
    host,
    close: async () => {
      await end(child);
      await folder.remove();
    },
  };
}
