import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** What one run of a command cost, its children included. */
export interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
  /** The most that one of its processes had resident at a time. */
  readonly rssBytes: number;
}

export const GNU_TIME = '/usr/bin/time';
/** Of what a program said that failed: some say the same of each file. */
const SAID_CHARACTERS = 2000;

/** Runs a program to its end under GNU time, with `env` besides its own. Rejects with what it said where it failed. */
export async function measureCommand(
  program: string,
  args: readonly string[],
  { scratch, env = {} }: { readonly scratch: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Cost> {
  const notes = join(scratch, 'time');
  const begun = performance.now();
  const child = spawn(GNU_TIME, ['-o', notes, '-f', '%U %S %M', program, ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  const said = text(child.stderr);
  const [code] = (await once(child, 'close')) as [number | null];
  const wallMs = performance.now() - begun;
  if (code !== 0)
    throw new Error(
      `${program} ${args.join(' ')} ended with ${code}: …${(await said).slice(-SAID_CHARACTERS)}`,
    );
  const [user = 0, system = 0, kilobytes = 0] = (await readFile(notes, 'utf8')).trim().split(' ').map(Number);
  return { wallMs, cpuMs: (user + system) * 1000, rssBytes: kilobytes * 1024 };
}

/** A word of a shell's command line. */
export const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;
