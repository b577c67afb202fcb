import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { skipWithout } from '../programs/tool.ts';

const PROGRAM = 'moto_server';

/** What a test says that is left out for want of moto; false where it is there. */
export const motoSkip: string | false = skipWithout([PROGRAM], 'the second opinion on what is sent to AWS');

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const isUp = (url: string): Promise<boolean> =>
  fetch(`${url}/moto-api/`).then(
    () => true,
    () => false,
  );

/** Starts moto's server for the length of a test, and returns its URL. */
export async function motoFor(t: TestContext): Promise<string> {
  const port = await freePort();
  const child = spawn(PROGRAM, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const closed = once(child, 'close');
  t.after(async () => {
    child.kill('SIGKILL');
    await closed;
  });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 600; tries += 1) {
    if (await isUp(url)) return url;
    if (child.exitCode !== null) break;
    await sleep(100);
  }
  throw new Error(`${PROGRAM} does not answer at ${url}`);
}
