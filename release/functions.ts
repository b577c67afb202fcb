import { globSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'esbuild';
import { BUNDLE_OPTIONS } from '../infra/function/bundle-options.ts';
import type { FunctionFiles } from '../infra/function/function-bundles.ts';

/** Modules of functions/lambda that a function begins in: they export `handler`. */
const functionNames = (root: string): readonly string[] =>
  globSync(join(root, 'functions/lambda/*.ts'))
    .filter((file) => /^export .*\bhandler\b/m.test(readFileSync(file, 'utf8')))
    .map((file) => basename(file, '.ts'))
    .toSorted();

/** One function's bundle, as a checkout makes it when it is synthesized. */
async function bundleOf(root: string, name: string) {
  const { outputFiles, metafile } = await build({
    ...BUNDLE_OPTIONS,
    absWorkingDir: root,
    entryPoints: [`functions/lambda/${name}.ts`],
    outdir: name,
    write: false,
    metafile: true,
  });
  const files = Object.fromEntries(outputFiles.map(({ path, text }) => [basename(path), text]));
  return { files, inputs: Object.keys(metafile.inputs) };
}

/** What two functions have alike is found over the whole length of them all. */
const COMPRESSION = { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_LGWIN]: 24 };

/** Bundles every function into the one file that infra/function/function-bundles.ts reads. Gives the files that are in them. */
export async function buildFunctions(root: string, to: string): Promise<readonly string[]> {
  const functions: Record<string, FunctionFiles[string]> = {};
  const inputs: string[] = [];
  for (const name of functionNames(root)) {
    const bundle = await bundleOf(root, name);
    functions[name] = bundle.files;
    inputs.push(...bundle.inputs);
  }
  await mkdir(to, { recursive: true });
  const text = JSON.stringify(functions satisfies FunctionFiles);
  await writeFile(join(to, 'functions.json.br'), brotliCompressSync(text, { params: COMPRESSION }));
  return inputs;
}
