import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** Mounts a tmpfs of `size`, where that is allowed. */
export function smallDisk(t: TestContext, size: string): string | undefined {
  const path = mkdtempSync(join(tmpdir(), 'landfall-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'none', path], { stdio: 'ignore' });
  } catch {
    rmdirSync(path);
    return undefined;
  }
  t.after(() => {
    execFileSync('umount', ['-l', path]);
    rmdirSync(path);
  });
  return path;
}
