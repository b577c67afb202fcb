import { accessSync, constants } from 'node:fs';
import { isAbsolute } from 'node:path';
import { isInstalled } from '../../test/support/programs/tool.ts';

function isThere(program: string): boolean {
  if (!isAbsolute(program)) return isInstalled(program);
  try {
    accessSync(program, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Those of `programs` that cannot be run here. */
export const missingOf = (programs: readonly string[]): readonly string[] =>
  programs.filter((program) => !isThere(program));
