import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { build, stop } from 'esbuild';
import { plantTiny } from '../../../bench/support/artifacts/tiny-artifact.ts';
import { bundleOptions } from '../../../cli/bundle-options.ts';
import { COMMANDS } from '../../../cli/command-table.ts';
import { startEmbeddedRegistry } from '../../../embedded-registry/embedded-registry.ts';
import { folderFor } from '../../support/cli.ts';

const ROOT = join(import.meta.dirname, '../../..');
const execute = promisify(execFile);

/** A checkout of one's own; of the packages, those that `has` lets through. */
async function checkout(t: TestContext, has = (_name: string): boolean => true): Promise<string> {
  const root = join(await folderFor(t), 'checkout');
  for (const name of ['bin', 'cli', 'console', 'shared', 'local', 'functions', 'package.json'])
    await cp(join(ROOT, name), join(root, name), { recursive: true });
  await mkdir(join(root, 'node_modules'));
  for (const name of (await readdir(join(ROOT, 'node_modules'))).filter(has))
    await symlink(join(ROOT, 'node_modules', name), join(root, 'node_modules', name));
  return root;
}

async function run(root: string, argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { stdout, stderr } = await execute(join(root, 'bin/landfall'), argv, {
    env: { ...process.env, ...env },
  });
  return { stdout, stderr };
}

const versionOf = async (root: string): Promise<string> => (await run(root, ['--version'])).stdout.trim();

interface Built {
  readonly files: readonly (readonly [path: string, ctimeMs: number])[];
  readonly commands: Readonly<Record<string, { readonly bundle: string; readonly files: readonly number[] }>>;
}

const builtIn = async (root: string): Promise<Built> =>
  JSON.parse(await readFile(join(root, 'dist/built.json'), 'utf8')) as Built;

/** As rsync and tar do: another content, of the same length and the same time. */
async function exchange(path: string, from: string, to: string): Promise<void> {
  const { atime, mtime } = await stat(path);
  await writeFile(path, (await readFile(path, 'utf8')).replace(from, to));
  await utimes(path, atime, mtime);
}

test('the first start of a checkout builds it, and a changed source is never run as it was built', async (t) => {
  const root = await checkout(t);
  assert.equal(await versionOf(root), '0.1.0');
  const before = await builtIn(root);
  await exchange(join(root, 'shared/version.ts'), '0.1.0', '9.9.9');
  assert.equal(await versionOf(root), '9.9.9');
  const after = await builtIn(root);
  assert.notEqual(after.commands['']?.bundle, before.commands['']?.bundle);
  assert.equal(await versionOf(root), '9.9.9', 'of the new bundle');
  const left = (await readdir(join(root, 'dist'))).filter((name) => name.endsWith('.cjs'));
  assert.equal(left.length, 2, 'what was built before is gone');
});

test('what one command runs is built for that: a change elsewhere leaves its bundle in force', async (t) => {
  const root = await checkout(t);
  await versionOf(root);
  const { commands } = await builtIn(root);
  await exchange(join(root, 'cli/commands/serve.ts'), 'sources', 'source$');
  await versionOf(root);
  assert.deepEqual((await builtIn(root)).commands, commands);
});

test('--version and --help load no command, and a command no other', async (t) => {
  const root = await checkout(t);
  await versionOf(root);
  const { files, commands } = await builtIn(root);
  const namesOf = (command: string) => (commands[command]?.files ?? []).map((at) => files[at]?.[0] ?? '');
  const modules = (command: string) => namesOf(command).filter((name) => name.startsWith('cli/commands/'));
  assert.deepEqual(modules(''), []);
  assert.ok(namesOf('').length <= 60, `${namesOf('').length} files`);
  for (const command of Object.keys(commands).filter((name) => name !== ''))
    assert.deepEqual(modules(command), [`cli/commands/${command}.ts`]);
});

for (const [what, has, prepare] of [
  ['npm has left out what it is built with', (name) => name !== 'esbuild', async () => {}],
  [
    'the folder cannot be written',
    () => true,
    async (root) => await writeFile(join(root, 'dist'), 'no folder'),
  ],
  [
    'another start is building it',
    () => true,
    async (root) => {
      await mkdir(join(root, 'dist'));
      await writeFile(join(root, 'dist/next.json'), '');
    },
  ],
] as const satisfies readonly (readonly [
  string,
  (name: string) => boolean,
  (root: string) => Promise<void>,
])[])
  test(`the sources are run where ${what}`, async (t) => {
    const root = await checkout(t, has);
    await prepare(root);
    const { stdout, stderr } = await run(root, ['--version']);
    assert.deepEqual([stdout, stderr], ['0.1.0\n', '']);
    await assert.rejects(builtIn(root));
  });

/** An expression for whether V8 takes what another process, without any flag, had compiled. */
async function isTaken(folder: string): Promise<string> {
  const data = JSON.stringify(join(folder, 'data'));
  const source = "'(function () { return 1; })'";
  const make = `require('node:fs').writeFileSync(${data}, new (require('node:vm').Script)(${source}).createCachedData())`;
  await execute(join(ROOT, 'bin/with-node'), ['-e', make]);
  return `!new (require('node:vm').Script)(${source}, { cachedData: require('node:fs').readFileSync(${data}) }).cachedDataRejected`;
}

for (const [what, flag, wanted] of [
  ['as it was once their reader is made: what was compiled before is taken', '', [true, true, true]],
  [
    'otherwise if its budget were not put back',
    "require('node:v8').setFlagsFromString('--wasm-tiering-budget=500000000');",
    [true, true, false],
  ],
] as const)
  test(`what expects few answers leaves V8 ${what}`, async (t) => {
    const script = `
    const { Module } = WebAssembly;
    require(${JSON.stringify(join(ROOT, 'cli/start/few-answers.cjs'))}).expectFewAnswers();
    const made = new WebAssembly.Module(Buffer.from('0061736d01000000', 'hex'));
    ${flag}
    console.log(JSON.stringify([made instanceof Module, WebAssembly.Module === Module, ${await isTaken(await folderFor(t))}]));`;
    const { stdout, stderr } = await execute(join(ROOT, 'bin/with-node'), ['-e', script]);
    assert.deepEqual([JSON.parse(stdout), stderr], [wanted, '']);
  });

test('V8 takes what Node has compiled of its own modules in every command but serve, whose heap matters more', async (t) => {
  const folder = await folderFor(t);
  const told = join(folder, 'told.cjs');
  await writeFile(
    told,
    `const taken = ${await isTaken(folder)};
    process.on('exit', () => process.stderr.write(taken ? 'taken' : 'refused'));`,
  );
  const say = async (...argv: string[]): Promise<string> =>
    (await run(ROOT, argv, { NODE_OPTIONS: `--require ${told}` })).stderr;
  const said = [await say('--version'), await say('pull', '--help'), await say('serve', '--help')];
  assert.deepEqual(said, ['taken', 'taken', 'refused']);
});

test('a plain-HTTP resolve loads neither TLS nor HTTP/2 nor what runs programs or measures', async (t) => {
  const registry = await startEmbeddedRegistry();
  t.after(() => registry.close());
  await plantTiny(registry.content, { repository: 'team/app', tag: 'v1', text: 'start' });
  const root = await checkout(t);
  await versionOf(root);
  const told = join(await folderFor(t), 'told.cjs');
  await writeFile(
    told,
    "process.on('exit', () => process.stderr.write(JSON.stringify(process.moduleLoadList)));",
  );
  const argv = ['resolve', `oci://${registry.host}/team/app:v1`, '--plain-http'];
  const { stdout, stderr } = await run(root, argv, { NODE_OPTIONS: `--require ${told}` });
  assert.match(stdout, /^v1@sha256:[0-9a-f]{64}$/m);
  const loaded = (JSON.parse(stderr) as readonly string[]).map((name) => name.replace('NativeModule ', ''));
  for (const name of ['tls', 'http2', 'https', 'child_process', 'perf_hooks'])
    assert.ok(!loaded.includes(name), `${name} is loaded`);
});

test('a bundle with all that it imports has one byte a character, as it is read', async () => {
  const options = bundleOptions(ROOT, Object.keys(COMMANDS));
  const { outputFiles } = await build({ ...options, external: [] });
  await stop();
  const contents = Buffer.from(outputFiles[0]?.contents ?? []);
  const at = contents.findIndex((byte) => byte > 127);
  assert.ok(contents.length > 0);
  assert.equal(at, -1, contents.toString('utf8', at - 80, at + 80));
});
