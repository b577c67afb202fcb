import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Whether a program is on the PATH. */
export function isInstalled(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** False where every program is there, else the reason to give `skip`: what is missing, and what that skips. */
export function skipWithout(programs: readonly string[], what: string): string | false {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return false;
  const verb = missing.length === 1 ? 'is' : 'are';
  return `${missing.join(', ')} ${verb} not installed: skipped ${what}`;
}
