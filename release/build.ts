import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { stop } from 'esbuild';
import { buildCommands } from './commands.ts';
import { buildFunctions } from './functions.ts';
import { buildLibrary } from './library.ts';

/** What `npm run release` and `npm run site` have made there. */
const OF_OTHERS = ['release', 'site'];

/** Makes `build`, which is what a package has beside its README: see `files` of package.json. */
async function buildPackage(root: string): Promise<void> {
  const to = join(root, 'build');
  await mkdir(to, { recursive: true });
  for (const name of await readdir(to))
    if (!OF_OTHERS.includes(name)) await rm(join(to, name), { recursive: true });
  try {
    await buildCommands(root, to);
    await buildFunctions(root, join(to, 'functions'));
    await buildLibrary(root, to);
  } finally {
    await stop();
  }
}

await buildPackage(join(import.meta.dirname, '..'));
