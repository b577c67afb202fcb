import { existsSync } from 'node:fs';
import { isInstalled } from '../programs/tool.ts';
import { apiServerSkip } from './api-server.ts';

const program = process.env['LANDFALL_HELM'] ?? 'helm';
const isThere = program.includes('/') ? existsSync(program) : isInstalled(program);

/** The helm that tests run. */
export const helmProgram = program;

/** What a test says that is left out for want of helm alone. */
export const helmToolSkip: string | false = !isThere && 'helm not found: skipped what it reads';

/** What a test says that is left out for want of helm or an API server; false where both are there. */
export const helmSkip: string | false =
  apiServerSkip || (!isThere && 'helm not found: skipped what installs charts');
