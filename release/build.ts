import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { stop } from 'esbuild';
import { buildCommands } from './commands.ts';
import { buildFunctions } from './functions.ts';
import { buildLibrary } from './library.ts';

/** Makes `build`, which is what a package has beside its README: see `files` of package.json. */
async function buildPackage(root: string): Promise<void> {
  const to = join(root, 'build');
  await rm(to, { recursive: true, force: true });
  try {
    await buildCommands(root, to);
    await buildFunctions(root, join(to, 'functions'));
    await buildLibrary(root, to);
  } finally {
    await stop();
  }
}

await buildPackage(join(import.meta.dirname, '..'));
