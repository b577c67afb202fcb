import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { isLandfallError, type LandfallError } from '../../shared/errors.ts';
import { DEFAULT_LIMITS, IGNORE_BYTES, type Limits, MiB } from '../../shared/limits.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { parseManifest } from '../../shared/oci/manifest.ts';
import { FLUX_CONTENT, OCI_LAYER, OCI_LAYER_GZIP } from '../../shared/oci/media-types.ts';
import { packDirectory } from '../../shared/pack/pack.ts';
import { packConfig, packManifest } from '../../shared/pack/packed-manifest.ts';
import { writeTar } from '../../shared/pack/tar-writer.ts';
import { unpack } from '../../shared/unpack/unpack.ts';
import { DEFAULT_OPTIONS } from '../support/artifacts/unpack-artifact.ts';
import { stageInMemory } from '../support/stores/memory-staging.ts';
import { layerOf } from './pack-folder.ts';

/** Bytes by path; a path that ends in "/" is an empty folder. */
type Folder = Readonly<Record<string, Uint8Array | string>>;

interface Both {
  /** What each says against it; undefined: nothing. */
  readonly push: LandfallError | undefined;
  readonly pull: LandfallError | undefined;
}

const refusalOf = async (doing: Promise<unknown>): Promise<LandfallError | undefined> => {
  try {
    await doing;
    return undefined;
  } catch (error) {
    if (isLandfallError(error)) return error;
    throw error;
  }
};

/** The same files, packed by somebody who looks at nothing. */
async function packedBlindly(
  dir: string,
  content: Folder,
  mediaType: string,
): Promise<Descriptor & { blob: Buffer }> {
  const files = Object.entries(content)
    .filter(([path]) => !path.endsWith('/'))
    .map(([path, bytes]) => ({
      path,
      location: join(dir, path),
      size: Buffer.from(bytes).length,
      mode: 0o644,
    }));
  const folders = new Set(['.']);
  for (const path of Object.keys(content)) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
      folders.add(path.slice(0, end));
  }
  const plain = await buffer(Readable.from(writeTar(files, [...folders]).bytes()));
  const blob = mediaType.endsWith('gzip') ? gzipSync(plain) : plain;
  return { mediaType, digest: digestOf(blob), size: blob.length, blob };
}

async function pulled(layer: Descriptor & { blob: Buffer }, limits: Limits): Promise<void> {
  const { blob, ...descriptor } = layer;
  const { bytes, digest, mediaType } = packManifest(
    packConfig(undefined, layer.digest).descriptor,
    [descriptor],
    {},
  );
  const manifest = parseManifest(bytes, digest, mediaType);
  assert.ok(manifest.kind === 'manifest');
  const input = { manifest, options: DEFAULT_OPTIONS, limits, prefixBytes: 0 };
  await unpack(input, { openBlob: async () => Readable.from([blob]), staging: stageInMemory() });
}

/** What push and pull say of one folder. What was pushed has to be pulled, too. */
async function both(
  content: Folder,
  {
    limits = DEFAULT_LIMITS,
    mediaType = FLUX_CONTENT,
  }: { readonly limits?: Limits; readonly mediaType?: string } = {},
): Promise<Both> {
  const dir = mkdtempSync(join(tmpdir(), 'landfall-push-test-'));
  try {
    for (const [path, bytes] of Object.entries(content)) {
      mkdirSync(path.endsWith('/') ? join(dir, path) : dirname(join(dir, path)), { recursive: true });
      if (!path.endsWith('/')) writeFileSync(join(dir, path), bytes);
    }
    const push = await refusalOf(
      packDirectory(dir, { limits, mediaType }).then(async (artifact) => {
        const layer = layerOf(artifact);
        const blob = await buffer(layer.open());
        await artifact.dispose();
        const landing = await refusalOf(pulled({ ...layer.descriptor, blob }, limits));
        assert.equal(landing, undefined, 'what was pushed can be pulled');
      }),
    );
    return { push, pull: await refusalOf(pulled(await packedBlindly(dir, content, mediaType), limits)) };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

const small = (over: Partial<Limits>): Limits => ({ ...DEFAULT_LIMITS, ...over });

const CASES: readonly (readonly [what: string, content: Folder, options?: Parameters<typeof both>[1]])[] = [
  ['names that differ in case', { 'A.txt': 'A', 'a.txt': 'a' }],
  ['folders that differ in case', { 'D/x': '', 'd/y': '' }],
  ['a file and a folder that differ in case', { D: '', 'd/y': '' }],
  ['names that differ in composition', { 'e\u0301.txt': '1', 'é.txt': '2' }],
  ['a backslash', { 'a\\b': '' }],
  ['a line feed', { 'a\nb': '' }],
  ['a drive letter', { 'C:x': '' }],
  ['a name of dots and a space', { '.. ': '' }],
  ['a folder with a line feed, and no file in it', { 'a\nb/c': '' }],
  ['a path that is too deep', { [`${'d/'.repeat(64)}f`]: '' }],
  ['a path that is too long', { [`${'d'.repeat(250)}/`.repeat(4) + 'x'.repeat(25)]: '' }],
  ['a file of zeros', { zeros: Buffer.alloc(5 * MiB) }],
  ['too many files', { a: '', b: '', c: '' }, { limits: small({ files: 2 }) }],
  ['too many folders', { 'a/b/c/d': '' }, { limits: small({ files: 2 }) }],
  ['a file that is too large', { a: 'x'.repeat(10_000) }, { limits: small({ unpackedBytes: 9_999 }) }],
  ['headers that are too many', { a: '', b: '', c: '' }, { limits: small({ unpackedBytes: 3_000 }) }],
  ['a layer that is too large', { a: '1' }, { limits: small({ layerBytes: 50 }) }],
  ['an ignore file that is no UTF-8', { '.sourceignore': Buffer.from([0xff]), a: '' }],
  ['an ignore file that is too large', { '.sourceignore': ' '.repeat(IGNORE_BYTES + 1), a: '' }],
  [
    'ignore files that are too large together',
    { '.sourceignore': ' '.repeat(IGNORE_BYTES / 2), 'd/.sourceignore': ' '.repeat(IGNORE_BYTES / 2 + 1) },
  ],
  ['a whiteout that names nothing', { '.wh..': '', a: '' }, { mediaType: OCI_LAYER_GZIP }],
  ['a whiteout with content', { '.wh.a': 'x', a: '' }, { mediaType: OCI_LAYER_GZIP }],
  ['a whiteout for a folder', { '.wh.d/a': '', a: '' }, { mediaType: OCI_LAYER_GZIP }],
];

for (const [what, content, options] of CASES) {
  test(`push refuses ${what} with the code of pull`, async () => {
    const { push, pull } = await both(content, options);
    assert.ok(push !== undefined && pull !== undefined, `push: ${push?.message}; pull: ${pull?.message}`);
    assert.equal(push.code, pull.code, `${push.message}; ${pull.message}`);
  });
}

test('push and pull refuse with the same words', async () => {
  for (const [content, options] of [
    [{ 'A.txt': 'A', 'a.txt': 'a' }],
    [{ a: '', b: '', c: '' }, { limits: small({ files: 2 }) }],
    [{ a: 'x'.repeat(1000) }, { limits: small({ unpackedBytes: 1_500 }) }],
    [{ '.wh.a': 'x', a: '' }, { mediaType: OCI_LAYER_GZIP }],
  ] as const satisfies readonly (readonly [Folder, Parameters<typeof both>[1]?])[]) {
    const { push, pull } = await both(content, options);
    assert.equal(push?.message, pull?.message);
  }
  // The layer that was packed blindly is another one.
  const { push, pull } = await both({ zeros: Buffer.alloc(5 * MiB) });
  const words = (error: LandfallError | undefined) => error?.message.replace(/sha256:\w+|\d+ bytes/g, '…');
  assert.equal(words(push), words(pull));
});

test('a whiteout that would take a name away is refused, though pull would only miss it', async () => {
  const { push } = await both({ '.wh.a': '', b: '' }, { mediaType: OCI_LAYER_GZIP });
  assert.equal(push?.code, 'ENTRY_REFUSED');
  assert.equal((await both({ '.wh.a': '', b: '' })).push, undefined, 'in no layer of an image a plain name');
});

test('the way round that the refusal of a file of zeros names is one', async () => {
  const content = { zeros: Buffer.alloc(5 * MiB) };
  const plain = { mediaType: FLUX_CONTENT.replace('+gzip', '') };
  assert.deepEqual(await both(content, plain), { push: undefined, pull: undefined });
  assert.deepEqual(await both(content, { mediaType: OCI_LAYER }), { push: undefined, pull: undefined });
  const { push } = await both(content);
  assert.match(push?.hint ?? '', /--media-type application\/vnd\.cncf\.flux\.content\.v1\.tar,/);
});

const segment = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      'a',
      'A',
      'b',
      'd',
      'D',
      'é',
      'e\u0301',
      'ß',
      'ẞ',
      'ﬁ',
      'fi',
      'x²',
      'x2',
      'İ',
      'ı',
    ),
  },
  fc.constantFrom(
    '...',
    ' ',
    '.. ',
    '-',
    '.hidden',
    '.wh.a',
    '.wh..wh..opq',
    'C:',
    'a\\b',
    'a\tb',
    '\u0085',
    '\ufffe',
    '😀',
  ),
  fc.constantFrom('n'.repeat(100), 'é'.repeat(127), 'x'.repeat(255)),
);
const folder = fc
  .array(
    fc.tuple(
      fc.array(segment, { minLength: 1, maxLength: 5 }),
      fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom('', 'x'.repeat(3000), '*\n', '!a\n')),
      fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((entries) => {
    const content: Record<string, string> = {};
    const isTaken = (path: string): boolean =>
      Object.keys(content).some(
        (other) =>
          other === path || other.startsWith(`${path}/`) || path.startsWith(other.replace(/\/?$/, '/')),
      );
    for (const [segments, text, isFolder] of entries) {
      const path = segments.join('/');
      if (!isTaken(path)) content[isFolder ? `${path}/` : path] = text;
    }
    return content;
  })
  // A push of nothing but folders is refused: what was to be pushed is missing.
  .filter((content) => Object.keys(content).some((path) => !path.endsWith('/')));
const limits = fc.record({
  files: fc.constantFrom(2, 4, 50_000),
  unpackedBytes: fc.constantFrom(4_096, 8_192, DEFAULT_LIMITS.unpackedBytes),
  pathDepth: fc.constantFrom(3, 64),
  pathBytes: fc.constantFrom(300, 1_024),
  ratio: fc.constantFrom(4, 200),
  ratioGraceBytes: fc.constantFrom(2_048, MiB),
});

test('of any folder: it can be pushed where it can be pulled, and what was pushed can be pulled', async () => {
  const type = fc.constantFrom(FLUX_CONTENT, FLUX_CONTENT.replace('+gzip', ''));
  await fc.assert(
    fc.asyncProperty(folder, limits, type, async (content, given, mediaType) => {
      const { push, pull } = await both(content, { limits: small(given), mediaType });
      assert.equal(push === undefined, pull === undefined, `push: ${push?.message}; pull: ${pull?.message}`);
    }),
    { numRuns: 300 },
  );
});
