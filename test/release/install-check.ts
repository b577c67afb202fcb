import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { startEmbeddedRegistry } from '../../embedded-registry/embedded-registry.ts';
import { VERSION } from '../../shared/version.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { COMMONJS_APP, LIBRARY_SCRIPT, MODULE_APP, NOTE_KIND, TYPESCRIPT_APP } from './apps.ts';
import { type BlankMachine, blankMachine, linkPackages, packPackage, type Ran } from './installed.ts';

const MEGABYTE = 2 ** 20;
const OLDEST_SKIPPED = process.platform === 'linux' ? false : 'npm has a package of Node for Linux';
const folder = await temporaryFolder();
const registry = await startEmbeddedRegistry();
const url = `oci://${registry.host}/web/site`;
const store = join(folder.path, 'store');
let machine: BlankMachine;
let tarball = '';

after(async () => {
  await registry.close();
  await folder.remove();
});

before(async () => {
  machine = await blankMachine(join(folder.path, 'home'));
  tarball = await packPackage(folder.path);
});

const command = (...args: readonly string[]): Promise<Ran> =>
  machine.run(join(machine.home, 'global/bin/landfall'), args);

async function succeed(running: Promise<Ran>): Promise<string> {
  const { code, stdout, stderr } = await running;
  assert.equal(code, 0, `${stderr}${stdout}`);
  return stdout;
}

/** An app in a folder of its own, with the package from the tarball. */
async function app(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const path = join(folder.path, name);
  await mkdir(path);
  for (const [file, text] of Object.entries(files)) await writeFile(join(path, file), text);
  await writeFile(join(path, 'package.json'), '{ "private": true }');
  await succeed(machine.run('npm', ['install', tarball], path));
  return path;
}

const bytesIn = (path: string): number =>
  globSync('**/*', { cwd: path, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + readFileSync(join(parentPath, name)).length, 0);

test('the package is small, and has no script that an install runs', async () => {
  assert.ok((await stat(tarball)).size <= 5 * MEGABYTE);
  const listed = await succeed(machine.run('tar', ['-tzf', tarball]));
  const outside = listed.split('\n').filter((name) => !/^package\/build\/|^$/.test(name));
  const wanted = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'].map((name) => `package/${name}`);
  assert.deepEqual(outside.toSorted(), wanted);
  const text = await succeed(machine.run('tar', ['-xOzf', tarball, 'package/package.json']));
  const { scripts = {} } = JSON.parse(text) as { readonly scripts?: Readonly<Record<string, string>> };
  for (const name of ['preinstall', 'install', 'postinstall', 'prepare'])
    assert.equal(scripts[name], undefined);
});

test('installed for all, it serves: a push is landed and deployed', async () => {
  await succeed(
    machine.run('npm', ['install', '--global', '--prefix', join(machine.home, 'global'), tarball]),
  );
  assert.ok(bytesIn(join(machine.home, 'global')) <= 60 * MEGABYTE);
  assert.equal(await succeed(command('--version')), `${VERSION}\n`);
  await mkdir(join(machine.home, 'site'));
  await writeFile(join(machine.home, 'site/index.html'), '<p>one</p>');
  await succeed(command('push', 'site', `${url}:1.0.0`, '--plain-http'));
  const document = `sources: [{ name: site, namespace: web, url: '${url}', ref: { semver: '>=1' } }]
deploys: [{ name: live, kind: directory, source: web/site, target: ./live }]\n`;
  await writeFile(join(machine.home, 'sources.yaml'), document);
  const serve = ['serve', '--once', '-f', 'sources.yaml', '--store', store, '--plain-http'];
  await succeed(command(...serve));
  assert.equal(await readFile(join(machine.home, 'live/index.html'), 'utf8'), '<p>one</p>');
  assert.match(await succeed(command('get', 'sources', '--store', store)), /web\/site/);
});

test('the oldest Node that it is for runs it, too', { skip: OLDEST_SKIPPED }, async () => {
  const path = join(folder.path, 'oldest');
  await mkdir(path);
  await writeFile(join(path, 'package.json'), '{ "private": true }');
  await succeed(machine.run('npm', ['install', `node-linux-${process.arch}@22.15.0`], path));
  const node = join(path, `node_modules/node-linux-${process.arch}/bin/node`);
  const program = join(machine.home, 'global/bin/landfall');
  const serve = ['serve', '--once', '-f', 'sources.yaml', '--store', join(path, 'store'), '--plain-http'];
  await succeed(machine.run('env', [`PATH=${dirname(node)}:/usr/bin:/bin`, program, ...serve]));
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeFile(join(machine.home, 'key.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  const verify = ['verify', `${url}:1.0.0`, '--key', 'key.pub', '--plain-http'];
  const { code, stderr } = await machine.run('env', [
    `PATH=${dirname(node)}:/usr/bin:/bin`,
    program,
    ...verify,
  ]);
  assert.deepEqual([code, /SIGNATURE_NOT_FOUND/.test(stderr)], [1, true], stderr);
});

test('an older Node is told which is needed, by a file that it can read', async () => {
  const entry = join(machine.home, 'global/lib/node_modules/landfall/build/landfall.cjs');
  for (const version of ['22.14.9', '20.20.2', '0.10.48']) {
    const script = `Object.defineProperty(process.versions, 'node', { value: '${version}' }); require('${entry}')`;
    const { code, stderr } = await machine.run(process.execPath, ['-e', script]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, new RegExp(`this is Node ${version} .*22\\.15 or newer is needed\n {2}next: `));
  }
  const { transform } = await import('esbuild');
  await transform(await readFile(entry, 'utf8'), { target: 'es5' });
});

test('where nothing can be kept, in a home that is no folder, it starts all the same', async () => {
  const program = join(machine.home, 'global/bin/landfall');
  const { code, stdout, stderr } = await machine.run('env', ['HOME=/dev/null', program, '--version']);
  assert.deepEqual([code, stdout, stderr], [0, `${VERSION}\n`, '']);
});

test('installed in a project, npx runs it, its library does what the commands do, and a kind of its own is run', async () => {
  const path = await app('project', { 'use.mjs': LIBRARY_SCRIPT, 'note.mjs': NOTE_KIND });
  assert.equal(await succeed(machine.run('npx', ['landfall', '--version'], path)), `${VERSION}\n`);
  await mkdir(join(path, 'site'));
  await writeFile(join(path, 'site/index.html'), '<p>two</p>');
  const told = await succeed(machine.run('node', ['use.mjs', url, store], path));
  const wanted = {
    VERSION,
    pushed: true,
    resolved: '2.0.0',
    pulled: ['index.html'],
    refused: 'NO_TAG_MATCHES',
  };
  assert.deepEqual(JSON.parse(told), { ...wanted, landed: '1.0.0' });
  const document = `sources: [{ name: site, namespace: web, url: '${url}', ref: { semver: '>=1' } }]
deploys: [{ name: note, kind: note, source: web/site, file: noted.txt }, { name: none, kind: note, source: web/site, file: '' }]\n`;
  await writeFile(join(path, 'own.yaml'), document);
  const serve = ['landfall', 'serve', '--once', '-f', 'own.yaml', '--store', 'own', '--plain-http'];
  const { stderr } = await machine.run('env', ['LANDFALL_KINDS=note.mjs', 'npx', ...serve], path);
  assert.match(await readFile(join(path, 'noted.txt'), 'utf8'), /^2\.0\.0@sha256:[0-9a-f]{64}$/, stderr);
  assert.match(stderr, /DEPLOY_FAILED.*there is no file to write to/);
  assert.doesNotMatch(stderr, /ExperimentalWarning/);
});

test('an app of the CDK in TypeScript has the types of all that is exported, however it finds them', async () => {
  const path = await app('typescript', { 'app.ts': TYPESCRIPT_APP });
  await linkPackages(path, ['aws-cdk-lib', 'constructs', 'typescript', '@types/node']);
  const compiler = join(path, 'node_modules/typescript/bin/tsc');
  const options = ['--noEmit', '--strict', '--target', 'es2023', '--types', 'node'];
  for (const [module, resolution, ...skipped] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler', '--skipLibCheck'],
  ] as const)
    await succeed(
      machine.run(
        'node',
        [compiler, ...options, ...skipped, '--module', module, '--moduleResolution', resolution, 'app.ts'],
        path,
      ),
    );
});

test('an app of the CDK in JavaScript is synthesized with the functions of the package: esbuild is not there', async () => {
  const path = await app('javascript', { 'app.mjs': MODULE_APP, 'app.cjs': COMMONJS_APP });
  await linkPackages(path, ['aws-cdk-lib', 'constructs']);
  for (const file of ['app.mjs', 'app.cjs']) {
    const out = join(path, `${file}.out`);
    await succeed(machine.run('env', ['CDK_VALIDATION=false', 'node', file, out], path));
    const template = JSON.parse(await readFile(join(out, 'Shop.template.json'), 'utf8'));
    const resources = Object.values(template.Resources as Record<string, { Type: string }>);
    assert.equal(resources.filter(({ Type }) => Type === 'AWS::Lambda::Function').length, 5);
    assert.equal(globSync(join(out, 'asset.*/index.mjs')).length, 5);
  }
});
