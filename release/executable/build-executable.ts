import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, stop } from 'esbuild';
import { bundleOptions } from '../../cli/bundle-options.ts';
import { COMMANDS } from '../../cli/command-table.ts';
import { HEAP } from '../heap.ts';

/** Where Node looks whether something was put into it. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

async function writeProgram(root: string, path: string): Promise<void> {
  const options = bundleOptions(root, Object.keys(COMMANDS));
  const { outputFiles } = await build({
    ...options,
    entryPoints: ['release/executable/main.ts'],
    external: [],
  });
  await stop();
  writeFileSync(path, outputFiles[0]?.contents ?? '');
}

/**
 * Puts the command into the Node of the lockfile: one file, which needs no Node. Of this machine's architecture.
 * @see https://nodejs.org/docs/latest-v24.x/api/single-executable-applications.html
 */
export async function buildExecutable(root: string, to: string): Promise<void> {
  const work = mkdtempSync(join(tmpdir(), 'landfall-executable-'));
  const at = (name: string): string => join(work, name);
  const own = join(root, 'release/executable');
  try {
    await writeProgram(root, at('program.cjs'));
    const settings = {
      main: at('program.cjs'),
      output: at('blob'),
      disableExperimentalSEAWarning: true,
      execArgv: HEAP,
    };
    writeFileSync(at('sea.json'), JSON.stringify(settings));
    execFileSync(process.execPath, ['--experimental-sea-config', at('sea.json')], { stdio: 'pipe' });
    copyFileSync(process.execPath, to);
    chmodSync(to, 0o755);
    for (const name of ['package.json', 'package-lock.json']) copyFileSync(join(own, name), at(name));
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--silent'], { cwd: work });
    const postject = at('node_modules/postject/dist/cli.js');
    execFileSync(process.execPath, [postject, to, 'NODE_SEA_BLOB', at('blob'), '--sentinel-fuse', FUSE], {
      stdio: 'pipe',
    });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
