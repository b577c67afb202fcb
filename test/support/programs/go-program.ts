import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { skipWithout } from './tool.ts';

/** What a test gives `skip` that needs one of our Go programs; Go's standard library is all they import. */
export const skipWithoutGo = (what: string): string | false => skipWithout(['go'], what);

/** Builds a program of go-readers/; gone when the process ends. Returns the path of the executable. */
export function buildGoProgram(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `landfall-go-${name}-`));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const program = join(folder, name);
  const source = fileURLToPath(new URL(`../go-readers/${name}/main.go`, import.meta.url));
  // Nothing is asked of a network, and no go.mod or go.work of the machine counts.
  const env = {
    ...process.env,
    GOTOOLCHAIN: 'local',
    GOPROXY: 'off',
    GOFLAGS: '',
    GO111MODULE: 'off',
    CGO_ENABLED: '0',
  };
  execFileSync('go', ['build', '-o', program, source], { env });
  return program;
}
