import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { isLandfallError } from '../../shared/errors.ts';
import type { ListedDescriptor } from '../../shared/oci/descriptor.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { type Manifest, parseManifest } from '../../shared/oci/manifest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../shared/oci/media-types.ts';
import { skipWithout } from '../support/programs/tool.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const skip = skipWithout(['go'], 'manifests read by Go');
const SAMPLES = 4_000;

interface GoDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os: string; readonly architecture: string; readonly variant?: string };
}

/** "" where Go refuses the document. */
type GoManifest =
  | ''
  | {
      readonly mediaType?: string;
      readonly artifactType?: string;
      readonly config: GoDescriptor;
      readonly layers: readonly GoDescriptor[] | null;
      readonly manifests: readonly GoDescriptor[] | null;
      readonly subject?: GoDescriptor;
      readonly annotations?: Readonly<Record<string, string>>;
    };

/** Go's reading of each document, by its own encoding/json. */
async function readByGo(t: TestContext, texts: readonly string[]): Promise<readonly GoManifest[]> {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const program = join(folder.path, 'manifest');
  const source = join(import.meta.dirname, '../support/go-readers/manifest.go');
  execFileSync('go', ['build', '-o', program, source], { env: { ...process.env, GO111MODULE: 'off' } });
  const input = texts.map((text) => `${Buffer.from(text).toString('base64')}\n`).join('');
  const lines = execFileSync(program, { input, encoding: 'utf8', maxBuffer: 1 << 28 }).split('\n');
  return lines.slice(0, texts.length).map((line) => JSON.parse(line) as GoManifest);
}

function readByLandfall(text: string): Manifest | undefined {
  try {
    return parseManifest(Buffer.from(text), digestOf(text));
  } catch (error) {
    assert.ok(isLandfallError(error), String(error));
    return undefined;
  }
}

/** What is fetched, and how it is chosen, in the same words for both. */
function plain({ mediaType, digest, size, platform }: ListedDescriptor | GoDescriptor): unknown {
  const isPlatform = platform !== undefined && platform.os !== '' && platform.architecture !== '';
  const { os, architecture, variant = '' } = platform ?? { os: '', architecture: '' };
  return [mediaType.toWellFormed(), digest, size, ...(isPlatform ? [os, architecture, variant] : [])];
}

const wellFormed = (texts: Readonly<Record<string, string>> = {}): unknown =>
  Object.fromEntries(Object.entries(texts).map((pair) => pair.map((text) => text.toWellFormed())));

function assertSame(text: string, ours: Manifest, go: GoManifest): void {
  if (go === '') assert.fail(`Go refuses what Landfall reads: ${text}`);
  const lists = ours.kind === 'index' ? [[], ours.manifests] : [ours.layers, []];
  assert.deepEqual(
    [go.layers ?? [], go.manifests ?? []].map((list) => list.map(plain)),
    lists.map((list) => list.map(plain)),
    text,
  );
  if (ours.kind === 'manifest') assert.deepEqual(plain(go.config), plain(ours.config), text);
  assert.deepEqual(go.subject && plain(go.subject), ours.subject && plain(ours.subject), text);
  assert.deepEqual(wellFormed(go.annotations), wellFormed(ours.annotations), text);
  assert.equal((go.artifactType ?? '').toWellFormed(), (ours.artifactType ?? '').toWellFormed(), text);
}

const quote = (text: string): string => JSON.stringify(text);
const escaped = (key: string): string =>
  `"\\u${key.charCodeAt(0).toString(16).padStart(4, '0')}${key.slice(1)}"`;

/** A key as it is, mostly; else as Go or a JSON parser would take it, or not. */
const keyOf = (key: string): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 60, arbitrary: fc.constant(quote(key)) },
    { weight: 2, arbitrary: fc.constant(escaped(key)) },
    fc.constant(quote(key.toUpperCase())),
    fc.constant(quote(key.replace('s', 'ſ'))),
    fc.constant(quote(`${key} `)),
    fc.constant(quote('future')),
  );

/** The usual value mostly, else one that some reader takes for something. */
const oddOr = (usual: fc.Arbitrary<string>, ...odd: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 40, arbitrary: usual },
    { weight: 3, arbitrary: fc.constant('null') },
    fc.constantFrom('5', '"x"', '[]', '{}', '[null]', 'true', '""', ...odd),
  );

const shuffled = (members: readonly fc.Arbitrary<string>[], least: number): fc.Arbitrary<string> =>
  fc
    .tuple(...members)
    .chain((all) => fc.shuffledSubarray(all, { minLength: Math.min(least, all.length) }))
    .map((some) => `{${some.join(', ')}}`);

const memberOf = (key: string, value: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(keyOf(key), value).map(([name, text]) => `${name}: ${text}`);

const annotations = oddOr(
  fc.constantFrom('{}', '{"a":"b"}', '{"a":null,"A":"x"}', '{"a":"\\ud800"}'),
  '{"a":1}',
);
const platform = shuffled(
  [
    memberOf('os', oddOr(fc.constantFrom('"linux"', '"windows"'))),
    memberOf('architecture', oddOr(fc.constant('"arm64"'))),
    memberOf('variant', oddOr(fc.constant('"v8"'))),
    memberOf('os.version', oddOr(fc.constant('"10.0"'))),
    memberOf('os.features', oddOr(fc.constant('["a",null]'), '[1]')),
  ],
  2,
);
const descriptor = shuffled(
  [
    memberOf('mediaType', oddOr(fc.constant('"application/x"'), '"\\ud800"')),
    memberOf(
      'digest',
      oddOr(fc.constantFrom(quote(digestOf('a')), quote(digestOf('b')), quote(`blake3:${'a'.repeat(64)}`))),
    ),
    memberOf(
      'size',
      oddOr(
        fc.constantFrom('1', '0', '7'),
        '5.0',
        '1e3',
        '-1',
        '-0',
        '9007199254740991',
        '9007199254740992',
        '9223372036854775808',
        '1E0',
        '0.0',
      ),
    ),
    memberOf('urls', oddOr(fc.constant('["https://x"]'), '[1]')),
    memberOf('annotations', annotations),
    memberOf('platform', oddOr(platform)),
    memberOf('artifactType', oddOr(fc.constant('"a/b"'))),
  ],
  6,
);
const list = fc.array(descriptor, { maxLength: 2 }).map((all) => `[${all.join(',')}]`);
const documentOf = (mediaType: string, ...own: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  shuffled(
    [
      memberOf(
        'schemaVersion',
        fc.oneof({ weight: 30, arbitrary: fc.constant('2') }, fc.constantFrom('2.0', '2e0', '"2"', '1')),
      ),
      memberOf(
        'mediaType',
        fc.oneof({ weight: 30, arbitrary: fc.constant(quote(mediaType)) }, fc.constant('null')),
      ),
      memberOf('annotations', annotations),
      memberOf('artifactType', oddOr(fc.constant('"a/b"'))),
      memberOf('subject', oddOr(descriptor)),
      ...own,
    ],
    6,
  );
const documents = fc.oneof(
  documentOf(OCI_MANIFEST, memberOf('config', oddOr(descriptor)), memberOf('layers', oddOr(list))),
  documentOf(OCI_INDEX, memberOf('manifests', oddOr(list))),
);

test('what Landfall reads of a manifest, Go reads the same', { skip }, async (t) => {
  const texts = fc.sample(documents, SAMPLES);
  const go = await readByGo(t, texts);
  let accepted = 0;
  for (const [at, text] of texts.entries()) {
    const ours = readByLandfall(text);
    if (ours === undefined) continue;
    accepted += 1;
    assertSame(text, ours, go[at] ?? '');
  }
  assert.ok(accepted > SAMPLES / 50, `only ${accepted} of ${SAMPLES} were read at all`);
});

const LAYER = (of: string): string => `{"mediaType":"application/x","digest":"${digestOf(of)}","size":1}`;
const ATTACKS: readonly string[] = [
  `"layers":[${LAYER('evil')}],"Layers":[${LAYER('good')}]`,
  `"layers":[${LAYER('evil')}],"layerſ":[${LAYER('good')}]`,
  `"layers":[${LAYER('evil')}],"layers":[${LAYER('good')}]`,
  `"layers":[${LAYER('evil').replace('}', `,"Digest":"${digestOf('good')}"}`)}]`,
  `"layers":[${LAYER('evil').replace('}', `,"diGeSt":"${digestOf('good')}"}`)}]`,
];

test('where Go would read the good layer, Landfall reads none', { skip }, async (t) => {
  const texts = ATTACKS.map((own) => `{"schemaVersion":2,"config":${LAYER('c')},${own}}`);
  const go = await readByGo(t, texts);
  for (const [at, text] of texts.entries()) {
    const read = go[at] ?? '';
    assert.ok(read !== '' && read.layers?.at(-1)?.digest === digestOf('good'), text);
    assert.equal(readByLandfall(text), undefined, text);
  }
});
