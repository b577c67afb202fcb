import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ErrorCode } from '../../shared/errors.ts';
import { FLUX_CONFIG, FLUX_CONTENT, OCI_LAYER_GZIP } from '../../shared/oci/media-types.ts';
import { directory, file, hardlink, symlink, tar } from '../support/artifacts/tar-builder.ts';
import { artifact, layer, refusal, unpackArtifact } from '../support/artifacts/unpack-artifact.ts';
import { stageInMemory } from '../support/stores/memory-staging.ts';

const flux = (...entries: readonly Buffer[]) => artifact([layer(entries, FLUX_CONTENT)], FLUX_CONFIG);
const acme = (...layers: readonly (readonly Buffer[])[]) =>
  artifact(
    layers.map((entries) => layer(entries, OCI_LAYER_GZIP)),
    'application/vnd.acme.config.v1+json',
  );

test('a hard link is the file under one more name: bytes, mode and no link', async () => {
  const { texts, files, links } = await unpackArtifact(
    flux(
      file('bin/app', 'binary', { mode: 0o755 }),
      hardlink('bin/app2', 'bin/app'),
      hardlink('zz', './bin/app2'),
    ),
  );
  assert.deepEqual(texts, { 'bin/app': 'binary', 'bin/app2': 'binary', zz: 'binary' });
  assert.deepEqual([...new Set(files.map(({ mode, sha256 }) => `${mode} ${sha256}`))].length, 1);
  assert.deepEqual(links, []);
});

test('a hard link and a copy have the same content digest', async () => {
  const linked = await unpackArtifact(flux(file('a', '1'), hardlink('b', 'a')));
  const copied = await unpackArtifact(flux(file('a', '1'), file('b', '1')));
  assert.equal(linked.contentDigest, copied.contentDigest);
});

test('a hard link to a symbolic link is that link', async () => {
  const { targets, texts } = await unpackArtifact(
    flux(
      file('d/a', '1'),
      symlink('d/s', 'a'),
      hardlink('h', 'd/s'),
      symlink('o', '/etc'),
      hardlink('p', 'o'),
    ),
  );
  assert.deepEqual(targets, { 'd/s': 'd/a', h: 'd/a', o: '/etc', p: '/etc' });
  assert.deepEqual(texts, { 'd/a': '1' });
});

test('a hard link twice to one file, or over an equal one, is no clash', async () => {
  const { texts } = await unpackArtifact(
    flux(
      file('a', '1'),
      hardlink('h', 'a'),
      hardlink('h', 'a'),
      file('b', '1'),
      hardlink('b', 'a'),
      file('h', '1'),
    ),
  );
  assert.deepEqual(texts, { a: '1', b: '1', h: '1' });
});

const CLASHES: readonly (readonly [what: string, code: ErrorCode, entries: readonly Buffer[]])[] = [
  ['over another file', 'ENTRY_REFUSED', [file('a', '1'), file('b', '2'), hardlink('b', 'a')]],
  ['under another file', 'ENTRY_REFUSED', [file('a', '1'), hardlink('b', 'a'), file('b', '2')]],
  ['over a folder', 'ENTRY_REFUSED', [file('a', '1'), directory('b'), hardlink('b', 'a')]],
  ['over a symbolic link', 'LINK_REFUSED', [file('a', '1'), symlink('b', 'x'), hardlink('b', 'a')]],
  ['out of the root', 'LINK_REFUSED', [hardlink('b', '../../etc/passwd')]],
  ['through a symbolic link', 'LINK_REFUSED', [file('d/a'), symlink('l', 'd'), hardlink('b', 'l/a')]],
];

for (const [what, code, entries] of CLASHES)
  test(`refuses a hard link ${what}`, async () => {
    const error = await refusal(unpackArtifact(flux(...entries)));
    assert.equal(error.code, code, error.message);
  });

test('a hard-link bomb is charged for every copy', async () => {
  const body = 'x'.repeat(10_000);
  const entries = [file('a', body), ...Array.from({ length: 9 }, (_, at) => hardlink(`h${at}`, 'a'))];
  const bytes = tar(...entries).length + 9 * body.length;
  const of = flux(...entries);
  assert.equal((await unpackArtifact(of, { limits: { unpackedBytes: bytes, files: 10 } })).files.length, 10);
  assert.equal(
    (await refusal(unpackArtifact(of, { limits: { unpackedBytes: bytes - 1 } }))).code,
    'UNPACKED_TOO_LARGE',
  );
  assert.equal((await refusal(unpackArtifact(of, { limits: { files: 9 } }))).code, 'TOO_MANY_FILES');
});

test('hard links to a file that --ignore passes by land, read a second time', async () => {
  const of = flux(file('a', '1'), hardlink('b', 'a'), hardlink('c', 'b'), file('d', '2'));
  const { texts, staging } = await unpackArtifact(of, { options: { ignore: 'a' } });
  assert.deepEqual(texts, { b: '1', c: '1', d: '2' });
  assert.ok(!staging.created.includes('a'));
});

test('a hard link that --ignore names is left out, and its file stays', async () => {
  const { texts } = await unpackArtifact(flux(file('a', '1'), hardlink('b', 'a')), {
    options: { ignore: 'b' },
  });
  assert.deepEqual(texts, { a: '1' });
});

test('an ignore file that is a hard link counts', async () => {
  const { texts } = await unpackArtifact(
    flux(file('rules', '*.md\n'), hardlink('d/.sourceignore', 'rules'), file('d/x.md'), file('y.md', 'y')),
  );
  assert.deepEqual(texts, { 'd/.sourceignore': '*.md\n', rules: '*.md\n', 'y.md': 'y' });
});

test('a hard link has the bytes of its own layer, though an upper layer replaced the file', async () => {
  const { texts } = await unpackArtifact(acme([file('b', 'old'), hardlink('a', 'b')], [file('b', 'new')]));
  assert.deepEqual(texts, { a: 'old', b: 'new' });
});

test('a hard link that an upper layer hides is not written', async () => {
  const { texts } = await unpackArtifact(acme([file('b', 'old'), hardlink('a', 'b')], [file('a', 'new')]));
  assert.deepEqual(texts, { a: 'new', b: 'old' });
});

test('a second reading proves the bytes again', async () => {
  const slow = await unpackArtifact(
    acme([file('b', 'x'.repeat(70_000)), hardlink('a', 'b')], [file('b', '')]),
    {
      staging: stageInMemory({ slow: true }),
    },
  );
  assert.equal(slow.texts['a'], 'x'.repeat(70_000));
});
