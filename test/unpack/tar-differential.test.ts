import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ACCEPTED } from '../support/accepted-archives.ts';
import { readArchive } from '../support/read-archive.ts';

const has = (command: string): boolean => spawnSync(command, ['--version']).status === 0;
const gnuTar = has('tar') && execFileSync('tar', ['--version'], { encoding: 'utf8' }).startsWith('tar (GNU');
const python = has('python3');

/** Python's listing of archives handed over as a JSON array of base64, as an array of arrays of names. */
const PYTHON = `
import base64, io, json, sys, tarfile
def names(text):
    try:
        with tarfile.open(fileobj=io.BytesIO(base64.b64decode(text)), mode='r:') as archive:
            return [member.name for member in archive.getmembers()]
    except tarfile.TarError as error:
        return [str(error)]
json.dump([names(text) for text in json.load(sys.stdin)], sys.stdout)
`;

/** How every tool's listing is compared: without the root, leading "./" and trailing "/". */
const plain = (names: readonly string[]): string[] =>
  names
    .map((name) => name.replace(/^\.\//, '').replace(/\/$/, ''))
    .filter((name) => name !== '' && name !== '.');

function gnuListing(archive: Buffer): string[] {
  const { stdout } = spawnSync('tar', ['-t', '--quoting-style=literal', '-P', '-f', '-'], {
    input: archive,
    encoding: 'utf8',
  });
  return plain(stdout.split('\n').filter((line) => line !== ''));
}

/** Where Python is stricter, or (the third) takes times in a GNU header for a prefix. GNU tar agrees on all. */
const PYTHON_DIFFERS: readonly string[] = [
  'no padding behind the last file, as umoci insert leaves it',
  'part of the padding behind the last file',
  'no prefix in a GNU header',
  'garbage in fields that are not read',
];

test('lists what GNU tar lists', { skip: !gnuTar && 'no GNU tar' }, async () => {
  for (const [name, archive] of ACCEPTED) {
    const ours = (await readArchive(archive)).map(({ path }) => path);
    assert.deepEqual(gnuListing(archive), ours, name);
  }
});

test("lists what Python's tarfile lists", { skip: !python && 'no Python' }, async () => {
  const cases = ACCEPTED.filter(([name]) => !PYTHON_DIFFERS.includes(name));
  const input = JSON.stringify(cases.map(([, archive]) => archive.toString('base64')));
  const theirs = JSON.parse(
    execFileSync('python3', ['-c', PYTHON], { input, encoding: 'utf8' }),
  ) as string[][];
  for (const [index, [name, archive]] of cases.entries()) {
    const ours = (await readArchive(archive)).map(({ path }) => path);
    assert.deepEqual(plain(theirs[index] ?? []), ours, name);
  }
});

const sha256 = (body: string): string => createHash('sha256').update(body).digest('hex');

/** A folder with what tar formats find hard, and the files that must come out of it. */
function tree(t: TestContext): { readonly root: string; readonly files: ReadonlyMap<string, string> } {
  const root = mkdtempSync(join(tmpdir(), 'landfall-tar-'));
  t.after(() => rmSync(root, { recursive: true }));
  const names = [
    'a',
    'empty',
    'naïve ☃.yaml',
    `${'d/'.repeat(40)}deep`,
    `${'long-folder/'.repeat(9)}${'n'.repeat(90)}`,
  ];
  const files = new Map<string, string>();
  for (const [index, name] of names.entries()) {
    const body = name === 'empty' ? '' : `${name}\n`.repeat(index * 300 + 1);
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), body);
    files.set(name, sha256(body));
  }
  symlinkSync(`d/${'d/'.repeat(39)}deep`, join(root, 'link'));
  return { root, files };
}

for (const format of ['gnu', 'oldgnu', 'pax', 'posix']) {
  test(`reads what GNU tar writes as ${format}`, { skip: !gnuTar && 'no GNU tar' }, async (t) => {
    const { root, files } = tree(t);
    const archive = execFileSync('tar', ['-c', `--format=${format}`, '-C', root, '.'], {
      maxBuffer: 1 << 24,
    });
    const entries = await readArchive(archive);
    const read = new Map(
      entries.filter(({ type }) => type === 'file').map(({ path, sha256 }) => [path, sha256]),
    );
    assert.deepEqual(new Map([...read].sort()), new Map([...files].sort()));
    assert.equal(entries.find(({ path }) => path === 'link')?.type, 'symlink');
  });
}

for (const format of ['GNU_FORMAT', 'PAX_FORMAT']) {
  test(`reads what Python writes as ${format}`, { skip: !python && 'no Python' }, async (t) => {
    const { root, files } = tree(t);
    const script = [
      'import sys, tarfile',
      `with tarfile.open(fileobj=sys.stdout.buffer, mode='w|', format=tarfile.${format}) as archive:`,
      "    archive.add(sys.argv[1], '.')",
    ].join('\n');
    const archive = execFileSync('python3', ['-c', script, root], { maxBuffer: 1 << 24 });
    const entries = await readArchive(archive);
    const read = new Map(
      entries.filter(({ type }) => type === 'file').map(({ path, sha256 }) => [path, sha256]),
    );
    assert.deepEqual(new Map([...read].sort()), new Map([...files].sort()));
  });
}
