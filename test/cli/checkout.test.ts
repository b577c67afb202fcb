import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { folderFor, PROGRAM } from '../support/cli.ts';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

interface Checkout {
  /** Of the package that the checkout is in. */
  readonly folder: string;
  readonly program: string;
}

/** A checkout without packages of its own, in a folder that has some. */
async function checkoutWithin(t: TestContext): Promise<Checkout> {
  const folder = await folderFor(t);
  const program = join(folder, 'vendor/landfall/bin/landfall');
  await mkdir(join(folder, 'vendor/landfall/bin'), { recursive: true });
  await mkdir(join(folder, 'node_modules'));
  await copyFile(PROGRAM, program);
  await symlink(join(ROOT, 'cli'), join(folder, 'vendor/landfall/cli'));
  await symlink(join(ROOT, 'node_modules/.bin'), join(folder, 'node_modules/.bin'));
  return { folder, program };
}

test('runs on the Node that npm has put above a workspace', async (t) => {
  const { folder, program } = await checkoutWithin(t);
  await symlink('../vendor/landfall', join(folder, 'node_modules/landfall'));
  const { stdout } = await run(program, ['--version']);
  assert.match(stdout, /^\d+\.\d+\.\d+$/m);
});

test('runs on no Node of a package that it is no workspace of, and says what is missing', async (t) => {
  const { program } = await checkoutWithin(t);
  await assert.rejects(run(program, ['--version']), {
    code: 2,
    stderr: /vendor\/landfall\/node_modules is missing; run: \(cd .*vendor\/landfall && npm ci\)/,
  });
});
