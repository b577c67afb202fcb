import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ACCEPTED } from '../../support/artifacts/accepted-archives.ts';
import { AS_IMAGE } from '../../support/artifacts/image-archives.ts';
import { readArchive } from '../../support/artifacts/read-archive.ts';
import {
  asSeen,
  bsdListing,
  gnuListing,
  goListings,
  pythonListings,
  type Seen,
} from '../../support/artifacts/tar-listings.ts';
import { skipWithoutGo } from '../../support/programs/go-program.ts';
import { skipWithout } from '../../support/programs/tool.ts';

const gnuTar = spawnSync('tar', ['--version'], { encoding: 'utf8' }).stdout?.startsWith('tar (GNU') === true;
const python = skipWithout(['python3'], 'what Python reads');

/** Archives that a reader sees otherwise than all others do, and how. */
type Differences = Readonly<Record<string, string>>;

const CUT = 'names it, and complains of the end that is not there';
const GO_DIFFERS: Differences = {};
const PYTHON_DIFFERS: Differences = {
  'no byte at all': 'wants a header',
  'no padding behind the last file, as umoci insert leaves it': CUT,
  'part of the padding behind the last file': CUT,
  'times in a GNU header that end in a blank': 'takes them for a prefix, as below',
  'times in a GNU header':
    'takes the digits for a prefix, as it does in every format; GNU tar, bsdtar and Go do not',
};
const GNU_DIFFERS: Differences = {
  'no byte at all': 'wants a header',
  'no padding behind the last file, as umoci insert leaves it': CUT,
  'part of the padding behind the last file': CUT,
};
const BSD_DIFFERS: Differences = {
  'no padding behind the last file, as umoci insert leaves it': CUT,
  'part of the padding behind the last file': CUT,
};

async function agree(
  archives: readonly (readonly [string, Buffer, ...unknown[]])[],
  differs: Differences,
  {
    list,
    reading,
  }: { list: (archives: readonly Buffer[]) => readonly Seen[]; reading: 'artifact' | 'image' },
): Promise<void> {
  const seen = list(archives.map(([, archive]) => archive));
  const wrong: string[] = [];
  for (const [index, [name, archive]] of archives.entries()) {
    const ours = asSeen(await readArchive(archive, { reading }));
    const theirs = seen[index];
    const isSame = theirs?.error === '' && JSON.stringify(theirs.entries) === JSON.stringify(ours);
    if (isSame === (differs[name] === undefined)) continue;
    wrong.push(`${name}: ${JSON.stringify(theirs)}, ours ${JSON.stringify(ours)}`);
  }
  assert.deepEqual(wrong, []);
}

test('reads what Go reads: names, bytes and links', { skip: skipWithoutGo('what Go reads') }, async () => {
  await agree(ACCEPTED, GO_DIFFERS, { list: goListings, reading: 'artifact' });
});

test('reads images as Go does, which is what containerd and umoci read with', {
  skip: skipWithoutGo('what Go reads'),
}, async () => {
  await agree([...ACCEPTED, ...AS_IMAGE], GO_DIFFERS, { list: goListings, reading: 'image' });
});

test("reads what Python's tarfile reads: names, bytes and links", { skip: python }, async () => {
  await agree(ACCEPTED, PYTHON_DIFFERS, { list: pythonListings, reading: 'artifact' });
});

for (const { reader, list, differs, skip } of [
  { reader: 'GNU tar', list: gnuListing, differs: GNU_DIFFERS, skip: !gnuTar && 'no GNU tar' },
  {
    reader: 'bsdtar',
    list: bsdListing,
    differs: BSD_DIFFERS,
    skip: skipWithout(['bsdtar'], 'what bsdtar lists'),
  },
]) {
  test(`lists what ${reader} lists`, { skip }, async () => {
    for (const [name, archive] of ACCEPTED) {
      const names = (await readArchive(archive)).map(({ path }) => path);
      const seen = list(archive);
      if (differs[name] === undefined) assert.deepEqual(seen, { names, ok: true }, name);
      else assert.notDeepEqual(seen, { names, ok: true }, `${name} is read the same now`);
    }
  });
}

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
  test(`reads what Python writes as ${format}`, { skip: python }, async (t) => {
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
