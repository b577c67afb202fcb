import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { startEmbeddedRegistry } from '../../embedded-registry/embedded-registry.ts';
import { buildImage } from '../../release/image/build-image.ts';
import { writeImage } from '../../release/image/image-layout.ts';
import { landfall } from '../support/cli.ts';
import { skipWithout } from '../support/programs/tool.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Its files are root's, and it is entered as whom it says. */
const skip =
  process.getuid?.() === 0
    ? skipWithout(['umoci', 'skopeo', 'chroot', 'apt-get', 'dpkg-deb'], 'the image')
    : 'not root: skipped the image';

const ROOT = join(import.meta.dirname, '../..');
const USER = 65_532;
const run = promisify(execFile);

interface ImageConfig {
  readonly User: string;
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly Healthcheck: { readonly Test: readonly string[] };
}

const folder = await temporaryFolder();
const registry = await startEmbeddedRegistry();
const layout = join(folder.path, 'image');
const rootfs = join(folder.path, 'bundle/rootfs');
let config: ImageConfig;

after(async () => {
  await registry.close();
  await folder.remove();
});

before(async () => {
  if (skip !== false) return;
  buildImage(ROOT, layout);
  await run('umoci', ['unpack', '--image', `${layout}:latest`, join(folder.path, 'bundle')]);
  const inspected = await run('skopeo', ['inspect', '--config', '--raw', `oci:${layout}`]);
  config = (JSON.parse(inspected.stdout) as { readonly config: ImageConfig }).config;
});

/** Runs a program of the image, as whom it says, in its own files alone. */
const execute = (...command: readonly string[]) =>
  run('chroot', [`--userspec=${config.User}`, rootfs, ...command], { env: { PATH: '/usr/sbin:/usr/bin' } });

test('the image is of nobody, is asked whether it is well, and has no shell', { skip }, async () => {
  assert.equal(config.User, `${USER}:${USER}`);
  assert.equal(config.Cmd[0], 'serve');
  assert.equal(config.Healthcheck.Test[0], 'CMD');
  for (const name of ['bin/sh', 'usr/bin/sh', 'usr/bin/apt-get'])
    await assert.rejects(stat(join(rootfs, name)), { code: 'ENOENT' });
  const { stdout } = await run('find', [rootfs, '-perm', '/6000', '-o', '-type', 'f', '-perm', '/0002']);
  assert.equal(stdout, '', 'nothing that makes one another user, or that all may write');
});

test('it lands what is pushed, and writes nothing but its store', { skip }, async () => {
  const site = join(folder.path, 'site');
  await mkdir(site);
  await writeFile(join(site, 'index.html'), '<p>one</p>');
  const url = `oci://${registry.host}/web/site`;
  assert.equal((await landfall(['push', site, `${url}:1.0.0`, '--plain-http'])).code, 0);
  await mkdir(join(rootfs, 'etc/landfall'));
  await writeFile(
    join(rootfs, 'etc/landfall/sources.yaml'),
    `sources: [{ name: site, url: '${url}', ref: { tag: 1.0.0 } }]\n`,
  );
  const serve = ['serve', '--once', '-f', '/etc/landfall', '--store', '/var/lib/landfall', '--plain-http'];
  await execute(...config.Entrypoint, ...serve);
  const get = ['/usr/local/bin/landfall', 'get', 'sources', '--store', '/var/lib/landfall'];
  assert.match((await execute(...get)).stdout, /default\/site/);
  const { stdout } = await run('find', [
    rootfs,
    '-xdev',
    '-user',
    String(USER),
    '-not',
    '-path',
    '*/var/lib/landfall*',
  ]);
  assert.equal(stdout, '');
});

test('the same content is the same image, whenever it was written', async () => {
  const digests = await Promise.all(
    ['one', 'two'].map(async (name, at) => {
      const path = join(folder.path, name);
      await mkdir(path);
      for (const file of at === 0 ? ['a', 'b'] : ['b', 'a']) await writeFile(join(path, file), file);
      await utimes(join(path, 'a'), at, at);
      const image = { architecture: 'amd64', created: 0, config: {} };
      return writeImage([{ path, owner: 0 }], image, join(folder.path, `${name}.image`));
    }),
  );
  assert.equal(digests[0], digests[1]);
});
