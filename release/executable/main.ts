import { run } from '../../cli/run.ts';

/** What the executable starts with: the command, and Node's own arguments left out. */
async function main(): Promise<void> {
  process.exitCode = await run(process.argv.slice(2), { stdout: process.stdout, stderr: process.stderr });
}

void main();
