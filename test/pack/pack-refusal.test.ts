import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ErrorCode } from '../../shared/errors.ts';
import { DEFAULT_LIMITS, IGNORE_BYTES, type Limits, MiB } from '../../shared/limits.ts';
import { type PackOptions, packDirectory } from '../../shared/pack/pack.ts';
import { writeTar } from '../../shared/pack/tar-writer.ts';
import { refusal } from '../support/artifacts/unpack-artifact.ts';
import { layerOf, type Planted, packed, plantFolder } from './pack-folder.ts';

test('packing refuses a link to a folder beside, though its name begins alike', async (t) => {
  const dir = plantFolder(t, { 'v1/l': { link: '../v10/secret' }, 'v10/secret': 's' });
  const error = await refusal(packDirectory(join(dir, 'v1'), { resolveSymlinks: true }));
  assert.equal(error.code, 'LINK_REFUSED');
});

const REFUSED: readonly (readonly [
  what: string,
  code: ErrorCode,
  content: Readonly<Record<string, Planted>>,
  options?: PackOptions,
])[] = [
  ['a link, unless told to resolve it', 'LINK_REFUSED', { a: '', l: { link: 'a' } }],
  ['a link that leaves', 'LINK_REFUSED', { l: { link: '/etc/passwd' } }, { resolveSymlinks: true }],
  ['a link to the folder beside', 'LINK_REFUSED', { l: { link: '../' } }, { resolveSymlinks: true }],
  ['a link to nothing', 'LINK_REFUSED', { l: { link: 'nothing' } }, { resolveSymlinks: true }],
  [
    'a link to the folder it is in',
    'LINK_REFUSED',
    { 'd/a': '', 'd/l': { link: '.' } },
    { resolveSymlinks: true },
  ],
  [
    'folders that link to each other',
    'LINK_REFUSED',
    { 'd/l': { link: '../e' }, 'e/l': { link: '../d' } },
    { resolveSymlinks: true },
  ],
  ['a name with a backslash', 'PATH_REFUSED', { 'a\\b': '' }],
  ['a name with a line feed', 'PATH_REFUSED', { 'a\nb': '' }],
  ['a folder without files', 'USAGE', { '.git/x': '' }],
  ['a folder all of which is ruled out', 'USAGE', { a: '' }, { ignore: '*' }],
  ['an ignore file over the size', 'IGNORE_INVALID', { '.sourceignore': ' '.repeat(IGNORE_BYTES + 1) }],
  ['a media type that is no tar', 'MEDIA_TYPE_UNSUPPORTED', { a: '' }, { mediaType: 'text/plain' }],
  ['a time that is none', 'CONFIG_INVALID', { a: '' }, { created: 'yesterday' }],
  ['an annotation without name', 'CONFIG_INVALID', { a: '' }, { annotations: { '': 'x' } }],
  [
    'annotations that no manifest has room for',
    'CONFIG_INVALID',
    { a: '' },
    { annotations: { a: 'x'.repeat(DEFAULT_LIMITS.manifestBytes) } },
  ],
];

for (const [what, code, content, options = {}] of REFUSED) {
  test(`packing refuses ${what}`, async (t) => {
    const error = await refusal(packDirectory(plantFolder(t, content), options));
    assert.equal(error.code, code, error.message);
  });
}

test('annotations may be as many and as long as the manifest holds, to the byte', async (t) => {
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`k${at}`, '']));
  const dir = plantFolder(t, { a: '' });
  const sizeOf = async (length: number): Promise<number> =>
    (await packDirectory(dir, { annotations: { ...many, k0: 'x'.repeat(length) } })).manifest.bytes.length;
  const room = DEFAULT_LIMITS.manifestBytes - (await sizeOf(0));
  assert.equal(await sizeOf(room), DEFAULT_LIMITS.manifestBytes);
  assert.equal((await refusal(sizeOf(room + 1))).code, 'CONFIG_INVALID');
});

const LIMITS: readonly (readonly [limit: keyof Limits, most: number, code: ErrorCode])[] = [
  ['files', 2, 'TOO_MANY_FILES'],
  // Two files of a block each, three folders and files more of headers, and the two blocks of the end: as unpacking counts.
  ['unpackedBytes', (4 + 2 + 2) * 512, 'UNPACKED_TOO_LARGE'],
  ['pathDepth', 2, 'PATH_REFUSED'],
  ['pathBytes', 3, 'PATH_REFUSED'],
];

for (const [limit, most, code] of LIMITS) {
  test(`packing holds ${limit} at ${most}`, async (t) => {
    const dir = plantFolder(t, { 'd/a': '123', b: '4567' });
    const limits = (value: number): Limits => ({ ...DEFAULT_LIMITS, [limit]: value });
    await packed(t, dir, { limits: limits(most) });
    assert.equal((await refusal(packDirectory(dir, { limits: limits(most - 1) }))).code, code);
  });
}

test('packing holds layerBytes, and leaves no temporary file', async (t) => {
  const dir = plantFolder(t, { a: '1' });
  const layer = layerOf(await packed(t, dir));
  const temporary = ownTemporaryFolder(t);
  const limits = (layerBytes: number): Limits => ({ ...DEFAULT_LIMITS, layerBytes });
  await (await packDirectory(dir, { limits: limits(layer.descriptor.size) })).dispose();
  const error = await refusal(packDirectory(dir, { limits: limits(layer.descriptor.size - 1) }));
  assert.equal(error.code, 'LAYER_TOO_LARGE');
  assert.deepEqual(readdirSync(temporary), []);
});

/** A temporary folder of this test alone, so that what is left behind shows. */
function ownTemporaryFolder(t: TestContext): string {
  const before = process.env['TMPDIR'];
  const folder = plantFolder(t, {});
  process.env['TMPDIR'] = folder;
  t.after(() => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
  });
  return folder;
}

test('what cannot be read is said by its path', async (t) => {
  const dir = plantFolder(t, { a: '1' });
  const error = await refusal(packDirectory(join(dir, 'missing')));
  assert.equal(error.code, 'INPUT_UNREADABLE');
  assert.match(error.message, /missing.*ENOENT/);
});

test('what is neither file nor folder is refused', async (t) => {
  const dir = plantFolder(t, { a: '1' });
  if (spawnSync('mkfifo', [join(dir, 'pipe')]).status !== 0) return t.skip('mkfifo is not installed');
  assert.equal((await refusal(packDirectory(dir))).code, 'ENTRY_REFUSED');
});

test('a file name that is not UTF-8 is refused', async (t) => {
  const dir = plantFolder(t, { a: '1' });
  try {
    writeFileSync(Buffer.concat([Buffer.from(`${dir}/`), Buffer.from([0xff])]), '');
  } catch {
    return t.skip('the file system takes UTF-8 names only');
  }
  const error = await refusal(packDirectory(dir));
  assert.equal(error.code, 'PATH_REFUSED');
});

test('a file that is not what the walk saw is refused', async (t) => {
  const dir = plantFolder(t, { a: '12', l: { link: 'a' } });
  writeFileSync(join(dir, 'big'), Buffer.alloc(2 * MiB));
  const seen = { path: 'x', mode: 0o644 };
  const now: readonly (readonly [name: string, size: number, said: RegExp])[] = [
    ['a', 1, /changed/],
    ['a', 3, /changed/],
    ['big', 2 * MiB + 1, /changed/],
    ['big', 1, /changed/],
    ['l', 2, /ELOOP/],
    ['gone', 2, /ENOENT/],
  ];
  for (const [name, size, said] of now) {
    const reading = async (): Promise<void> => {
      for await (const _ of writeTar([{ ...seen, location: join(dir, name), size }]).bytes());
    };
    const error = await refusal(reading());
    assert.equal(error.code, 'INPUT_UNREADABLE');
    assert.match(error.message, said);
  }
});

const PROC = '/proc/self/status';

test('a file that has more than its size says is refused', {
  skip: existsSync(PROC) ? false : `${PROC} is not there`,
}, async () => {
  assert.equal((await refusal(packDirectory(PROC))).code, 'INPUT_UNREADABLE');
});

test('a signal ends packing, and leaves no temporary file', async (t) => {
  const dir = plantFolder(t, { a: '1' });
  const temporary = ownTemporaryFolder(t);
  const error = await refusal(packDirectory(dir, { signal: AbortSignal.abort(new Error('stop')) }));
  assert.equal(error.code, 'CANCELLED');
  assert.deepEqual(readdirSync(temporary), []);
});
