import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stop } from 'esbuild';
import { VERSION } from '../shared/version.ts';
import { BILL, billOfMaterials } from './bill-of-materials.ts';
import { buildCommands } from './commands.ts';
import { buildFunctions } from './functions.ts';
import { buildLibrary } from './library.ts';
import { readLockfile } from './lockfile.ts';
import { packageManifest } from './manifest.ts';

/** What `npm run release` and `npm run site` have made there. */
const OF_OTHERS = ['release', 'site'];

/** Makes `build`, which is what a package has beside its README: see `files` of package.json. */
async function buildPackage(root: string): Promise<void> {
  const to = join(root, 'build');
  await mkdir(to, { recursive: true });
  for (const name of await readdir(to))
    if (!OF_OTHERS.includes(name)) await rm(join(to, name), { recursive: true });
  try {
    const inputs = [
      await buildCommands(root, to),
      await buildFunctions(root, join(to, 'functions')),
      await buildLibrary(root, to),
    ].flat();
    const beside = Object.keys(packageManifest(root).dependencies);
    const bill = billOfMaterials({ version: VERSION, inputs, beside }, readLockfile(root));
    await writeFile(join(to, BILL), `${JSON.stringify(bill, null, 1)}\n`);
  } finally {
    await stop();
  }
}

await buildPackage(join(import.meta.dirname, '..'));
