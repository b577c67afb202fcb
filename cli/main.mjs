import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// A command's start is mostly compiling; the next one reads the compiled code from the user's own cache. Not from the
// temporary folder, where anybody could have put it. This file is no TypeScript, or every start would load its compiler.
const { XDG_CACHE_HOME, HOME } = process.env;
const cache = XDG_CACHE_HOME || (HOME && join(HOME, '.cache'));
if (cache) enableCompileCache(join(cache, 'landfall', 'compiled'));

const { run } = await import('./run.ts');
process.exitCode = await run(process.argv.slice(2), { stdout: process.stdout, stderr: process.stderr });

// Once what was written is read, nothing that is left keeps the process: a kind of one's own may never end.
process.stdout.write('', () => setTimeout(() => process.exit(), 1000).unref());
