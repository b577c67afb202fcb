import { enableCompileCache } from 'node:module';

// A command's start is mostly compiling; the second run reads the compiled code from the user's own cache.
enableCompileCache();

const { run } = await import('./run.ts');
process.exitCode = await run(process.argv.slice(2), { stdout: process.stdout, stderr: process.stderr });
