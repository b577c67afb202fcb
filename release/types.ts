import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exportedModules, packageManifest, packagesBeside } from './manifest.ts';

const IMPORT = /(?:from |import\()['"]([^'"]+)['"]/g;

interface Reached {
  /** Absolute paths. */
  readonly files: ReadonlySet<string>;
  /** `zod/mini`, and the file that imports it. */
  readonly packages: ReadonlyMap<string, string>;
}

const withoutComments = (text: string): string => text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');

/** What these declarations lead to. */
function reachedFrom(entries: readonly string[]): Reached {
  const files = new Set<string>();
  const packages = new Map<string, string>();
  const follow = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    for (const [, specifier = ''] of withoutComments(readFileSync(file, 'utf8')).matchAll(IMPORT)) {
      if (specifier.startsWith('.')) follow(join(dirname(file), specifier.replace(/\.ts$/, '.d.ts')));
      else packages.set(specifier, file);
    }
  };
  entries.forEach(follow);
  return { files, packages };
}

/** @throws Error where a declaration names a package that nobody has who installs ours */
function checkPackages({ packages }: Reached, known: readonly string[]): void {
  for (const [specifier, file] of packages) {
    const isKnown =
      specifier.startsWith('node:') || known.some((name) => `${specifier}/`.startsWith(`${name}/`));
    if (!isKnown)
      throw new Error(`types: ${file} is reached from what is exported, and imports ${specifier}`);
  }
}

/** Declarations of what can be imported, and of what those name: nothing else of the sources. */
export function buildTypes(root: string, to: string): void {
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const args = [compiler, '-p', join(root, 'release/tsconfig.json'), '--outDir', to];
  execFileSync(process.execPath, args, { stdio: 'inherit' });
  const manifest = packageManifest(root);
  const reached = reachedFrom(exportedModules(manifest).map(({ types }) => join(root, types)));
  checkPackages(reached, packagesBeside(manifest));
  for (const name of readdirSync(to, { recursive: true, encoding: 'utf8' })) {
    const path = join(to, name);
    if (statSync(path).isFile() && !reached.files.has(path)) rmSync(path);
  }
}
