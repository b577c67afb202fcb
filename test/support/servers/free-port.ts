import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Where no system takes ports from for connections that go out, or for servers that ask for any: between the moment it is found and
 * the moment it is listened on, nobody gets it by chance.
 */
const RANGE = { from: 10_000, to: 30_000 } as const;
const TRIES = 50;

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}

/** A port of 127.0.0.1 that nobody has, for what must be known before it is listened on. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const port = randomInt(RANGE.from, RANGE.to);
    if (await isFree(port)) return port;
  }
  throw new Error(`none of ${TRIES} ports between ${RANGE.from} and ${RANGE.to} is free`);
}
