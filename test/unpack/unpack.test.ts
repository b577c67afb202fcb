import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import type { ErrorCode } from '../../shared/errors.ts';
import { inPathOrder } from '../../shared/kernel/byte-order.ts';
import { DEFAULT_LIMITS, type Limits } from '../../shared/limits.ts';
import type { FileEntry, LinkEntry } from '../../shared/model/artifact-record.ts';
import { contentDigestOf } from '../../shared/model/content-digest.ts';
import { FLUX_CONFIG, FLUX_CONTENT, OCI_LAYER } from '../../shared/oci/media-types.ts';
import { unpack } from '../../shared/unpack/unpack.ts';
import { directory, file, hardlink, pax, symlink, tar } from '../support/artifacts/tar-builder.ts';
import {
  artifact,
  DEFAULT_OPTIONS,
  layer,
  refusal,
  type TestUnpacked,
  unpackArtifact,
} from '../support/artifacts/unpack-artifact.ts';
import { stageInMemory } from '../support/stores/memory-staging.ts';

const one = (entries: readonly Buffer[]) => artifact([layer(entries)]);
const materialize = (entries: readonly Buffer[], limits: Partial<Limits> = {}): Promise<TestUnpacked> =>
  unpackArtifact(one(entries), { options: { links: 'materialize' }, limits });

const COPIES: readonly (readonly [
  what: string,
  entries: readonly Buffer[],
  files: Record<string, string>,
])[] = [
  ['a file', [file('d/a', '1'), symlink('l', 'd/a')], { 'd/a': '1', l: '1' }],
  ['a file that comes later', [symlink('l', 'a'), file('a', '1')], { a: '1', l: '1' }],
  ['a hard link', [file('a', '1'), hardlink('d/h', 'a')], { a: '1', 'd/h': '1' }],
  [
    'a folder',
    [file('d/a', '1'), file('d/e/b', '2'), symlink('l', 'd')],
    { 'd/a': '1', 'd/e/b': '2', 'l/a': '1', 'l/e/b': '2' },
  ],
  [
    'a folder, not its neighbours',
    [file('d/a', '1'), file('d-/a', '2'), file('d0', '3'), symlink('x/l', '../d')],
    { 'd-/a': '2', 'd/a': '1', d0: '3', 'x/l/a': '1' },
  ],
  ['an empty folder', [directory('d'), symlink('l', 'd')], {}],
  [
    'a folder of links alone',
    [file('a', '1'), symlink('d/k', '../a'), symlink('l', 'd/k'), symlink('x', 'd')],
    { a: '1', 'd/k': '1', l: '1', 'x/k': '1' },
  ],
  ['a link to a link', [file('a', '1'), symlink('l', 'k'), symlink('k', 'a')], { a: '1', k: '1', l: '1' }],
  [
    'a path through a linked folder',
    [file('v1/a', '1'), symlink('now', 'v1'), symlink('l', 'now/a')],
    { l: '1', 'now/a': '1', 'v1/a': '1' },
  ],
  [
    'links in a linked folder',
    [file('a', '1'), symlink('d/k', '../a'), symlink('l', 'd')],
    { a: '1', 'd/k': '1', 'l/k': '1' },
  ],
];

for (const [what, entries, files] of COPIES) {
  test(`materialize copies ${what}`, async () => {
    const options = { links: 'materialize' } as const;
    const strict = artifact([layer(entries, FLUX_CONTENT)], FLUX_CONFIG);
    assert.deepEqual((await unpackArtifact(strict, { options })).texts, files);
    const { texts, links } = await materialize(entries);
    assert.deepEqual(texts, files);
    assert.deepEqual(links, []);
  });
}

/** Each level has two links to the next: 2^depth folders without a single file. */
const linkBomb = (depth: number): Buffer[] =>
  Array.from({ length: depth }, (_, at) => [
    symlink(`${at}/a`, `../${at + 1}`),
    symlink(`${at}/b`, `../${at + 1}`),
  ])
    .flat()
    .concat(directory(`${depth}`));

const UNCOPYABLE: readonly (readonly [what: string, code: ErrorCode, entries: readonly Buffer[]])[] = [
  ['a target that is not there', 'LINK_REFUSED', [symlink('l', 'nothing')]],
  ['a link to itself', 'LINK_REFUSED', [symlink('l', 'l')]],
  ['two links to each other', 'LINK_REFUSED', [symlink('l', 'k'), symlink('k', 'l')]],
  ['a link that runs through itself', 'LINK_REFUSED', [symlink('l', 'l/x')]],
  ['a link to the folder it is in', 'LINK_REFUSED', [file('d/a'), symlink('d/l', '.')]],
  ['a link to the root', 'LINK_REFUSED', [file('d/a'), symlink('d/l', '..')]],
  [
    'folders that link to each other',
    'LINK_REFUSED',
    [file('d/a'), file('e/b'), symlink('d/l', '../e'), symlink('e/l', '../d')],
  ],
  ['doubling links', 'TOO_MANY_FILES', linkBomb(40)],
];

for (const [what, code, entries] of UNCOPYABLE) {
  test(`materialize refuses ${what}`, async () => {
    const error = await refusal(materialize(entries, { files: 500 }));
    assert.equal(error.code, code, error.message);
    assert.ok(error.hint);
  });
}

test('copies count like files: their number, bytes and paths', async () => {
  const entries = [file('d/a', 'x'.repeat(600)), symlink('l', 'd'), symlink('k', 'd')];
  const bytes = tar(...entries).length + 2 * 600;
  assert.equal(
    (await materialize(entries, { files: 3, unpackedBytes: bytes, pathBytes: 3 })).files.length,
    3,
  );
  assert.equal((await refusal(materialize(entries, { files: 2 }))).code, 'TOO_MANY_FILES');
  assert.equal(
    (await refusal(materialize(entries, { unpackedBytes: bytes - 1 }))).code,
    'UNPACKED_TOO_LARGE',
  );
  const wide = [...Array(5).keys()].map((at) => file(`d/${at}`)).concat(symlink('l', 'd'));
  assert.equal((await materialize(wide, { files: 10 })).files.length, 10);
  assert.match((await refusal(materialize(wide, { files: 9 }))).message, /more than 9 files/);
  const deep = [file('d/e/a'), symlink('l/l', '../d')];
  assert.equal((await refusal(materialize(deep, { pathDepth: 3 }))).code, 'PATH_REFUSED');
});

test('dangling links and circles are no more than a record unless they are materialized', async () => {
  const { targets } = await unpackArtifact(one([symlink('l', 'k'), symlink('k', 'l'), symlink('n', 'no')]));
  assert.deepEqual(targets, { k: 'l', l: 'k', n: 'no' });
});

test('the prefix of a path counts towards its length', async () => {
  const of = one([file('abcd')]);
  assert.equal((await unpackArtifact(of, { prefixBytes: 1020 })).files.length, 1);
  assert.equal((await refusal(unpackArtifact(of, { prefixBytes: 1021 }))).code, 'PATH_REFUSED');
});

test('limits hold over all layers together', async () => {
  const of = artifact([layer([file('a')]), layer([file('b')]), layer([file('a')])]);
  assert.equal((await unpackArtifact(of, { limits: { files: 3 } })).files.length, 2);
  assert.equal((await refusal(unpackArtifact(of, { limits: { files: 2 } }))).code, 'TOO_MANY_FILES');
});

test('a layer over the size is refused before anything is asked for', async () => {
  const of = artifact([layer([file('a')]), layer([file('b', 'longer')])]);
  const sizes = of.manifest.layers.map(({ size }) => size);
  assert.equal((await unpackArtifact(of, { limits: { layerBytes: Math.max(...sizes) } })).files.length, 2);
  const attempt = unpack(
    {
      manifest: of.manifest,
      options: DEFAULT_OPTIONS,
      limits: { ...DEFAULT_LIMITS, layerBytes: Math.max(...sizes) - 1 },
      prefixBytes: 0,
    },
    { openBlob: () => assert.fail('a blob was asked for'), staging: stageInMemory() },
  );
  assert.equal((await refusal(attempt)).code, 'LAYER_TOO_LARGE');
});

test('files, links and layers are reported in order, with the sum of sizes', async () => {
  const wide = '\u{1f600}';
  const entries = [file(wide, '12'), file('\uffee', '345'), file('b', '6'), file('A', ''), symlink('l', 'b')];
  const { files, layers, size } = await unpackArtifact(one(entries));
  const paths = files.map(({ path }) => path);
  assert.deepEqual(paths, ['A', 'b', '\uffee', wide]);
  assert.deepEqual(
    paths,
    [...paths].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
  );
  assert.equal(size, 6);
  assert.equal(layers.length, 1);
});

test('a staging that answers later gets the same files', async () => {
  const long = pax({ path: `${'n'.repeat(200)}/ü` });
  const body = Buffer.alloc(700_000, 'abc');
  const of = artifact([
    layer([file('a', 'old'), file('d/b', body), file('empty', '')]),
    layer([file('a', 'new'), long, file('x', 'long')]),
  ]);
  const fast = await unpackArtifact(of);
  const slow = await unpackArtifact(of, { staging: stageInMemory({ slow: true }) });
  assert.deepEqual(slow.files, fast.files);
  assert.equal(slow.contentDigest, fast.contentDigest);
});

test('modes are data: kept as they came', async () => {
  const { files } = await unpackArtifact(
    one([file('a', '', { mode: 0o4755 }), file('b', '', { mode: 0o600 })]),
  );
  assert.deepEqual(
    files.map(({ mode }) => mode),
    [0o4755, 0o600],
  );
});

test('a signal ends it, and the blob’s connection with it', async () => {
  const { manifest } = one([file('a')]);
  const endless = new Readable({ read() {} });
  const stop = new AbortController();
  const attempt = unpack(
    { manifest, options: DEFAULT_OPTIONS, limits: DEFAULT_LIMITS, prefixBytes: 0, signal: stop.signal },
    {
      openBlob: async () => {
        setImmediate(() => stop.abort(new Error('deadline')));
        return endless;
      },
      staging: stageInMemory(),
    },
  );
  assert.equal((await refusal(attempt)).code, 'CANCELLED');
  assert.equal(endless.destroyed, true);
});

test('progress names the layer, what came and what is to come', async () => {
  const { manifest, blobs } = artifact([
    { mediaType: OCI_LAYER, bytes: tar(file('a', Buffer.alloc(100_000))) },
  ]);
  const facts: string[] = [];
  await unpack(
    {
      manifest,
      options: DEFAULT_OPTIONS,
      limits: DEFAULT_LIMITS,
      prefixBytes: 0,
      onProgress: ({ digest, received, size }) => facts.push(`${digest} ${received}/${size}`),
    },
    { openBlob: async ({ digest }) => Readable.from([blobs.get(digest)]), staging: stageInMemory() },
  );
  const [{ digest, size } = { digest: '', size: 0 }] = manifest.layers;
  assert.equal(facts.at(-1), `${digest} ${size}/${size}`);
});

const fileEntry = (path: string, sha256: string, mode = 0o644): FileEntry => ({
  path,
  size: 1,
  sha256,
  mode,
});

test('the content digest sees paths, bytes, the execute bit and links, and nothing else', () => {
  const links: LinkEntry[] = [{ path: 'l', target: 'a' }];
  const files = [fileEntry('a', 'aa'), fileEntry('b', 'bb', 0o755)];
  const digest = contentDigestOf(files, links);
  const [a, b] = files as [FileEntry, FileEntry];
  const same: readonly FileEntry[][] = [
    [b, a],
    [
      { ...a, mode: 0o664 },
      { ...b, mode: 0o775 },
    ],
    [
      { ...a, mode: 0o600 },
      { ...b, mode: 0o700 },
    ],
  ];
  for (const each of same) assert.equal(contentDigestOf(each, links), digest);
  const other: readonly (readonly [FileEntry[], LinkEntry[]])[] = [
    [[a], links],
    [[{ ...a, path: 'c' }, b], links],
    [[{ ...a, sha256: 'ab' }, b], links],
    [[{ ...a, mode: 0o755 }, b], links],
    [files, []],
    [files, [{ path: 'l', target: 'b' }]],
    [files, [{ path: 'k', target: 'a' }]],
  ];
  const digests = other.map(([given, linked]) => contentDigestOf(given, linked));
  assert.equal(new Set([digest, ...digests]).size, other.length + 1);
});

test('the content digest of nothing and of one file never change', () => {
  assert.equal(
    contentDigestOf([], []),
    'sha256:c996596364a007d9754a06dbb3f38160e5029b379ef9b81a21bd0a92509f43e4',
  );
  assert.equal(
    contentDigestOf([fileEntry('a/ü', 'ab')], [{ path: 'l', target: '' }]),
    'sha256:59b9fa0c7b605684dc8938693911c4f4041dfa615757ecf47bde4d37bcab8430',
  );
});

test('artifacts of other layers and compressions have the same content digest', async () => {
  const split = artifact([layer([file('a', '1')]), layer([file('b', '2')])]);
  const whole = artifact([
    { mediaType: OCI_LAYER, bytes: tar(file('b', '2', { mtime: 9 }), file('a', '1')) },
  ]);
  assert.equal((await unpackArtifact(split)).contentDigest, (await unpackArtifact(whole)).contentDigest);
});

test('path order is the order of UTF-8 bytes', () => {
  const paths = ['a', 'a/b', 'a-', 'A', 'é', '\uffee', '\u{10000}', '\ud7ff'].map((path) => ({ path }));
  const wanted = [...paths].sort((x, y) => Buffer.compare(Buffer.from(x.path), Buffer.from(y.path)));
  assert.deepEqual(inPathOrder(paths), wanted);
});
