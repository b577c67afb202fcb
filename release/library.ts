import { globSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { build } from 'esbuild';
import { BUNDLE_OPTIONS } from '../infra/function/bundle-options.ts';
import { exportedModules, packageManifest, packagesBeside } from './manifest.ts';
import { buildTypes } from './types.ts';

/** Modules for Node, which share what they have alike. */
async function buildModules(root: string, to: string): Promise<readonly string[]> {
  const manifest = packageManifest(root);
  const { metafile } = await build({
    ...BUNDLE_OPTIONS,
    metafile: true,
    absWorkingDir: root,
    entryPoints: exportedModules(manifest).map(({ default: path }) => `library/${basename(path, '.js')}.ts`),
    outdir: to,
    entryNames: '[name]',
    chunkNames: 'modules/[name]-[hash]',
    outExtension: { '.js': '.js' },
    target: 'node22.15',
    keepNames: true,
    legalComments: 'none',
    external: packagesBeside(manifest).flatMap((name) => [name, `${name}/*`]),
  });
  return Object.keys(metafile.inputs);
}

/** Writes the modules that `exports` of package.json names, their types, and the schemas of documents and events. Gives the files that are in them. */
export async function buildLibrary(root: string, to: string): Promise<readonly string[]> {
  const inputs = await buildModules(root, to);
  buildTypes(root, join(to, 'types'));
  for (const path of globSync(join(root, 'docs/schema/*.schema.json')))
    await cp(path, join(to, 'schema', basename(path)));
  return inputs;
}
