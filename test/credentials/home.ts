import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Environment } from '../../shared/credentials/secret.ts';
import type { Repository } from '../../shared/oci/reference.ts';
import { parseRepository } from '../../shared/oci/reference.ts';

/** A home folder of its own, with an environment that sees nothing of the real one. */
export interface Home {
  readonly folder: string;
  readonly env: Environment;
  write(path: string, content: string): Promise<string>;
  /** Puts docker-credential-<name> on PATH. */
  program(name: string, script: string): Promise<void>;
}

export async function createHome(t: TestContext, extra: Environment = {}): Promise<Home> {
  const folder = await mkdtemp(join(tmpdir(), 'landfall-home-'));
  t.after(() => rm(folder, { recursive: true }));
  const bin = join(folder, 'bin');
  await mkdir(bin);
  const write = async (path: string, content: string): Promise<string> => {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, content);
    return target;
  };
  return {
    folder,
    env: { HOME: folder, PATH: `${bin}${delimiter}/usr/bin${delimiter}/bin`, ...extra },
    write,
    program: async (name, script) =>
      chmod(await write(`bin/docker-credential-${name}`, `#!/bin/sh\n${script}\n`), 0o755),
  };
}

export const repositoryOf = (text: string): Repository => parseRepository(`oci://${text}`);

export const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Time that stands still until it is moved. */
export function stoppedClock(): { now(): number; move(milliseconds: number): void } {
  let now = 1_000_000;
  return {
    now: () => now,
    move: (milliseconds) => {
      now += milliseconds;
    },
  };
}
