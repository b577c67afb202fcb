import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FLUX_CONFIG, FLUX_CONTENT } from '../../shared/oci/media-types.ts';
import { directory, file, gnuLong, pax, symlink } from '../support/artifacts/tar-builder.ts';
import { artifact, layer, refusal, unpackArtifact } from '../support/artifacts/unpack-artifact.ts';

const flux = (...entries: readonly Buffer[]) => artifact([layer(entries, FLUX_CONTENT)], FLUX_CONFIG);

const OUTSIDE: readonly (readonly [what: string, target: string, recorded?: string])[] = [
  ['absolute', '/etc/hosts'],
  ['leaving', '../x'],
  ['leaving from below', 'a/../../x'],
  ['climbing after a name', 'd/../a.yaml'],
  ['with a backslash', '..\\x'],
  ['with a drive', 'C:\\x'],
  ['with control characters', 'a\u001b[2Jb\nc\td', 'a\\u001b[2Jb\\u000ac\\u0009d'],
];

for (const [what, target, recorded = target] of OUTSIDE)
  test(`a symbolic link ${what} is recorded as outside and left out`, async () => {
    const { links, texts } = await unpackArtifact(flux(file('a.yaml', '1'), symlink('link', target)));
    assert.deepEqual(links, [{ path: 'link', target: recorded, outside: true }]);
    assert.deepEqual(texts, { 'a.yaml': '1' });
  });

test('a link that stays inside is recorded from the root, dangling or not', async () => {
  const { links } = await unpackArtifact(flux(symlink('d/l', '../e/f'), symlink('m', '.')));
  assert.deepEqual(links, [
    { path: 'd/l', target: 'e/f' },
    { path: 'm', target: '' },
  ]);
});

test('inside and outside are other content', async () => {
  const [inside, outside] = await Promise.all([
    unpackArtifact(flux(symlink('l', 'd/a'))),
    unpackArtifact(flux(symlink('l', './d/../d/a'))),
  ]);
  assert.notEqual(inside?.contentDigest, outside?.contentDigest);
});

test('nothing is written through a link, wherever it points', async () => {
  for (const target of ['/etc', '../x', 'd'])
    for (const below of [file('l/passwd', 'evil'), directory('l/x'), symlink('l/y', 'z')]) {
      const error = await refusal(unpackArtifact(flux(directory('d'), symlink('l', target), below)));
      assert.equal(error.code, 'LINK_REFUSED', error.message);
    }
});

test('materialize refuses a link outside, and one that leads through it', async () => {
  for (const entries of [[symlink('l', '/etc/passwd')], [symlink('k', 'l/passwd'), symlink('l', '/etc')]]) {
    const error = await refusal(unpackArtifact(flux(...entries), { options: { links: 'materialize' } }));
    assert.equal(error.code, 'LINK_REFUSED');
    assert.match(error.message, /not surely inside the artifact/);
  }
});

test('--ignore leaves out any link, also where links are materialized', async () => {
  const of = flux(file('a', '1'), symlink('in', 'a'), symlink('out', '/etc/passwd'), symlink('loop', 'loop'));
  const options = { links: 'materialize', ignore: 'out\nloop' } as const;
  assert.deepEqual((await unpackArtifact(of, { options })).texts, { a: '1', in: '1' });
  assert.deepEqual((await unpackArtifact(of, { options: { ignore: 'out' } })).targets, {
    in: 'a',
    loop: 'loop',
  });
});

test('a .sourceignore can leave out a link to the outside', async () => {
  const of = flux(file('.sourceignore', 'out\n'), symlink('out', '/etc'));
  assert.deepEqual((await unpackArtifact(of, { options: { links: 'materialize' } })).links, []);
});

test('a target of 4,096 bytes is recorded, one more is refused', async () => {
  const of = (bytes: number) => flux(gnuLong('K', `/${'x'.repeat(bytes - 1)}`), symlink('l', 'l'));
  assert.equal((await unpackArtifact(of(4096))).links.length, 1);
  assert.equal((await refusal(unpackArtifact(of(4097)))).code, 'LINK_REFUSED');
  assert.equal(
    (await refusal(unpackArtifact(flux(pax({ linkpath: 'x'.repeat(4097) }), symlink('l', 'l'))))).code,
    'LINK_REFUSED',
  );
});
