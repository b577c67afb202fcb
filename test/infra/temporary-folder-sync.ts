import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = mkdtempSync(join(tmpdir(), 'landfall-infra-'));
process.once('exit', () => rmSync(root, { recursive: true, force: true }));

let made = 0;

/** A folder that is removed when the process ends: constructs are made outside of any one test. */
export function temporaryFolderSync(): string {
  made += 1;
  const folder = join(root, String(made));
  mkdirSync(folder);
  return folder;
}
