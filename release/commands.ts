import { createHash } from 'node:crypto';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { BUNDLES } from '../cli/bundle.ts';
import { bundleOptions } from '../cli/bundle-options.ts';

/** What starts the command: as it is in a package. */
const ENTRY = [
  'release/entry/landfall.cjs',
  'release/entry/start.cjs',
  'cli/start/compiled.cjs',
  'cli/start/few-answers.cjs',
  'cli/start/threads.cjs',
];

/** A bundle of these commands with all that they import, under a name that changes with it: what V8 keeps of one is of no other. */
async function writeBundle(root: string, commands: readonly string[], to: string) {
  const { outputFiles, metafile } = await build({
    ...bundleOptions(root, commands),
    external: [],
    metafile: true,
  });
  const contents = outputFiles[0]?.contents ?? Buffer.alloc(0);
  const name = `landfall-${createHash('sha256').update(contents).digest('hex').slice(0, 16)}.cjs`;
  await writeFile(join(to, name), contents);
  return { name, inputs: Object.keys(metafile.inputs) };
}

/** Writes the command into a folder: `landfall.cjs`, which any Node starts. Gives the files that are in it. */
export async function buildCommands(root: string, to: string): Promise<readonly string[]> {
  await mkdir(to, { recursive: true });
  const bundleOf: Record<string, string> = {};
  const inputs: string[] = [];
  for (const commands of BUNDLES) {
    const bundle = await writeBundle(root, commands, to);
    inputs.push(...bundle.inputs);
    for (const command of ['', ...commands]) bundleOf[command] ??= bundle.name;
  }
  await writeFile(join(to, 'bundles.json'), `${JSON.stringify(bundleOf, null, 1)}\n`);
  for (const path of ENTRY) await copyFile(join(root, path), join(to, basename(path)));
  return inputs;
}
