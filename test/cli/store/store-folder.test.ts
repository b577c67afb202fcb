import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertRefused, folderFor, landfall, landfallProcess } from '../../support/cli.ts';

const OF_A_STORE: readonly (readonly string[])[] = [
  ['get', 'sources'],
  ['get', 'artifacts'],
  ['get', 'deploys'],
  ['get', 'events'],
  ['status', 'app'],
  ['history', 'app'],
  ['suspend', 'app'],
  ['resume', 'app'],
  ['rollback', 'app', '--to', 'v1'],
  ['replay', 'app', '--deploy', 'd'],
  ['reconcile', 'app'],
  ['fsck'],
  ['collect'],
];

test('a --store that is not there is an error, not an empty store, and is not made', async (t) => {
  const folder = await folderFor(t);
  for (const argv of OF_A_STORE) {
    assertRefused(await landfall([...argv, '--store', join(folder, 'storr'), '--json']), {
      code: 'USAGE',
      exit: 2,
      says: /store .*\/storr is not there/,
      next: /--store/,
    });
  }
  assert.deepEqual(await readdir(folder), []);
});

test('a --store that is a folder of something else is an error, and nothing is put into it', async (t) => {
  const folder = await folderFor(t);
  const file = join(folder, 'notes.txt');
  await writeFile(file, 'mine');
  for (const argv of OF_A_STORE) {
    const wanted = { code: 'USAGE', exit: 2, next: /--store/ } as const;
    const inFolder = await landfall([...argv, '--store', folder, '--json']);
    assertRefused(inFolder, { ...wanted, says: /it is no store/ });
    assertRefused(await landfall([...argv, '--store', file, '--json']), { ...wanted, says: /is a file/ });
  }
  assert.deepEqual(await readdir(folder), ['notes.txt']);
});

test('an empty LANDFALL_STORE counts as unset', async (t) => {
  const options = { env: { LANDFALL_STORE: '' }, cwd: await folderFor(t) };
  const ended = await landfallProcess(['get', 'sources'], options);
  assertRefused(ended, { code: 'USAGE', exit: 2, says: /\/\.landfall is not there/, next: /--store/ });
});

test('reconcile -f makes a store in a folder of its own, and not among files of somebody’s', async (t) => {
  const folder = await folderFor(t);
  const sources = join(folder, 'sources.yaml');
  await writeFile(sources, 'sources: []\n');
  const argv = ['reconcile', 'app', '-f', sources, '--json', '--store'];
  const wanted = { code: 'USAGE', exit: 2 } as const;
  const among = await landfall([...argv, folder]);
  assertRefused(among, { ...wanted, says: /is no store, and holds 1 other/, next: /a folder of its own/ });
  assert.deepEqual(await readdir(folder), ['sources.yaml']);
  const alone = await landfall([...argv, join(folder, 'store')]);
  assertRefused(alone, { ...wanted, says: /no source default\/app in /, next: /namespace\/name/ });
});

// After a store was copied in part, or deleted beside a serve that went on: nobody said how it is one again.
test('a store that lost its landfall.json is told from a folder of something else, with how it is one again', async (t) => {
  const folder = await folderFor(t);
  const sources = join(await folderFor(t), 'sources.yaml');
  await writeFile(sources, 'sources: []\n');
  for (const name of ['artifacts', 'sources', 'deploys']) await mkdir(join(folder, name));
  const wanted = { code: 'USAGE', exit: 2, next: /is one, put it there: .*\{"formatVersion":1\}/ } as const;
  for (const argv of [['get', 'sources'], ['fsck'], ['serve', '--once', '-f', sources]])
    assertRefused(await landfall([...argv, '--store', folder, '--json']), {
      ...wanted,
      says: /has no landfall\.json, and the folders of a store/,
    });
  await writeFile(join(folder, 'landfall.json'), '{"formatVersion":1}\n');
  assert.equal((await landfall(['fsck', '--store', folder])).code, 0);
});
