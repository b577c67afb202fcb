import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DOCKER_CONFIG, FLUX_CONFIG, FLUX_CONTENT, OCI_CONFIG } from '../../../shared/oci/media-types.ts';
import { directory, entry, file, hardlink, symlink } from '../../support/artifacts/tar-builder.ts';
import { artifact, layer, refusal, titled, unpackArtifact } from '../../support/artifacts/unpack-artifact.ts';
import { stageInMemory } from '../../support/stores/memory-staging.ts';

type Layers = readonly (readonly Buffer[])[];
const image = (layers: Layers, config = OCI_CONFIG) =>
  artifact(
    layers.map((entries) => layer(entries)),
    config,
  );
/** As GNU tar and Go write them, with both numbers. */
const device = (name: string, type: string, major = '0000001\0'): Buffer => {
  const block = entry({ name, type });
  block.write(`${major}0000000\0`, 329, 'latin1');
  block.fill(' ', 148, 156);
  block.write(
    `${block
      .subarray(0, 512)
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
  );
  return block;
};

interface Case {
  readonly does: string;
  /** Bottom first. */
  readonly layers: Layers;
  readonly files: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
  readonly leftOut?: number;
}

const CASES: readonly Case[] = [
  {
    does: 'strips a leading slash, and takes "/" and "." for the root (ko, kaniko)',
    layers: [
      [directory('/'), directory('.'), directory('./'), directory('/ko-app/'), file('/ko-app/app', 'bin')],
      [file('//etc/./x', 'x')],
    ],
    files: { 'etc/x': 'x', 'ko-app/app': 'bin' },
  },
  {
    does: 'cleans ".." within the root',
    layers: [[file('a/../b', 'b'), file('/c/d/../../e', 'e')]],
    files: { b: 'b', e: 'e' },
  },
  {
    does: 'takes the last entry of a path, whatever both are',
    layers: [
      [
        file('f', '1'),
        file('f', '2'),
        file('f', '3'),
        directory('d'),
        file('d/x'),
        file('d', 'now a file'),
        file('e', 'a file'),
        directory('e'),
        file('e/x', 'x'),
        file('l', 'a file'),
        symlink('l', 'f'),
        symlink('m', 'f'),
        file('m', 'a file'),
      ],
    ],
    files: { d: 'now a file', 'e/x': 'x', f: '3', m: 'a file' },
    links: { l: 'f' },
  },
  {
    does: 'follows a lower layer’s link (usrmerge)',
    layers: [
      [directory('usr/lib/'), file('usr/lib/a.so', 'a'), symlink('lib', 'usr/lib')],
      [file('lib/x.so', 'x'), file('lib/a.so', 'new')],
    ],
    files: { 'usr/lib/a.so': 'new', 'usr/lib/x.so': 'x' },
    links: { lib: 'usr/lib' },
  },
  {
    does: 'follows an absolute link from the root, and clamps ".." at it',
    layers: [
      [
        symlink('abs', '/var/run'),
        symlink('up', '../../../var'),
        file('abs/pid', '1'),
        file('up/run/lock', '2'),
      ],
    ],
    files: { 'var/run/lock': '2', 'var/run/pid': '1' },
    links: { abs: 'var/run', up: 'var' },
  },
  {
    does: 'goes the way of a path again when an entry below it has changed it',
    layers: [[symlink('a', '.'), file('a/b', 'in the root'), directory('a/a'), file('a/c', 'in a')]],
    files: { b: 'in the root', 'a/c': 'in a' },
  },
  {
    does: 'follows a link out of a file, and out of what is not there below it, as umoci does',
    layers: [
      [file('a', 'a'), symlink('c', '/a/../b'), symlink('d', 'a/x/../../e')],
      [file('c/x', 'in b'), file('d/x', 'in e')],
    ],
    files: { a: 'a', 'b/x': 'in b', 'e/x': 'in e' },
    links: { c: '/a/../b', d: 'a/x/../../e' },
  },
  {
    does: 'keeps a lower file that only the text of an upper path hides',
    layers: [
      [symlink('lib', 'usr/lib'), file('lib/x', 'lower, in usr/lib')],
      [file('.wh.lib', ''), file('lib/x', 'upper, in lib')],
    ],
    files: { 'lib/x': 'upper, in lib', 'usr/lib/x': 'lower, in usr/lib' },
  },
  {
    does: 'takes whiteouts through a linked folder',
    layers: [
      [
        file('usr/lib/a', 'a'),
        file('usr/lib/b', 'b'),
        file('opt/c', 'c'),
        symlink('lib', 'usr/lib'),
        symlink('o', '/opt'),
      ],
      [file('lib/.wh.a', ''), file('o/.wh..wh..opq', '')],
    ],
    files: { 'usr/lib/b': 'b' },
    links: { lib: 'usr/lib', o: 'opt' },
  },
  {
    does: 'takes away a link, and not what it points to',
    layers: [[file('d/x', 'x'), symlink('l', 'd')], [file('.wh.l', '')]],
    files: { 'd/x': 'x' },
  },
  {
    does: 'takes hard links to lower layers, absolute, and through a linked folder',
    layers: [
      [file('usr/bin/a', 'bin'), symlink('bin', 'usr/bin')],
      [
        hardlink('b', 'usr/bin/a'),
        hardlink('c', '/usr/bin/a'),
        hardlink('d', 'bin/a'),
        hardlink('e', '/bin'),
      ],
    ],
    files: { b: 'bin', c: 'bin', d: 'bin', 'usr/bin/a': 'bin' },
    links: { bin: 'usr/bin', e: 'usr/bin' },
  },
  {
    does: 'keeps what a hard link names though its first name is replaced',
    layers: [[file('a', 'old'), hardlink('b', 'a')], [file('a', 'new')]],
    files: { a: 'new', b: 'old' },
  },
  {
    does: 'leaves out devices and named pipes, and counts those that are there in the end',
    layers: [
      [
        device('dev/null', '3'),
        device('dev/sda', '4'),
        device('run/p', '6'),
        device('gone', '6'),
        file('a', 'a'),
      ],
      [file('.wh.gone', '')],
    ],
    files: { a: 'a' },
    leftOut: 3,
  },
  {
    does: 'leaves out AUFS’s books, and takes the files that hard links name in them',
    layers: [
      [
        file('.wh..wh.aufs', ''),
        directory('.wh..wh.plnk/'),
        directory('.wh..wh.orph/'),
        file('.wh..wh.plnk/12.34', 'linked'),
        hardlink('a', '/.wh..wh.plnk/12.34'),
        file('b', 'b'),
      ],
    ],
    files: { a: 'linked', b: 'b' },
    leftOut: 4,
  },
  {
    does: 'takes a character device 0/0 for a whiteout (overlayfs)',
    layers: [
      [file('a'), file('d/x'), file('k', 'k')],
      [device('a', '3', '0000000\0'), device('d', '3', '0000000\0')],
    ],
    files: { k: 'k' },
  },
  {
    does: 'takes a whiteout by its name, whatever type it has',
    layers: [
      [file('a'), file('b'), file('c'), file('k', 'k')],
      [file('.wh.a', 'with content'), directory('.wh.b/'), symlink('.wh.c', 'x')],
    ],
    files: { k: 'k' },
  },
  {
    does: 'takes a name that has .wh. in its middle for a name',
    layers: [[file('b', '0')], [file('a.wh.b', '1'), file('d.wh.b/x', '2')]],
    files: { 'a.wh.b': '1', b: '0', 'd.wh.b/x': '2' },
  },
  {
    does: 'keeps names that differ in case or form apart, and those with backslashes',
    layers: [
      [
        file('PAM.7', '1'),
        file('pam.7', '2'),
        file('é', '3'),
        file('e\u0301', '4'),
        file('a-\\x2db.slice', '5'),
      ],
    ],
    files: { 'PAM.7': '1', 'a-\\x2db.slice': '5', 'e\u0301': '4', 'pam.7': '2', é: '3' },
  },
  {
    does: 'creates the folder that a dangling link names',
    layers: [[symlink('l', 'not/yet')], [file('l/x', 'x')]],
    files: { 'not/yet/x': 'x' },
    links: { l: 'not/yet' },
  },
];

for (const { does, layers, files, links = {}, leftOut } of CASES)
  test(`an image ${does}`, async () => {
    for (const config of [OCI_CONFIG, DOCKER_CONFIG]) {
      const fast = await unpackArtifact(image(layers, config));
      assert.deepEqual(fast.texts, files);
      assert.deepEqual(fast.targets, links);
      assert.equal(fast.leftOut, leftOut);
      const slow = await unpackArtifact(image(layers), { staging: stageInMemory({ slow: true }) });
      assert.equal(slow.contentDigest, fast.contentDigest);
    }
  });

test('the config says what is an image: the same layers with another one are read strictly', async () => {
  const entries = [file('/a', '1')];
  assert.deepEqual((await unpackArtifact(image([entries]))).texts, { a: '1' });
  for (const of of [
    artifact([layer(entries)], 'application/vnd.acme.config.v1+json'),
    artifact([layer(entries, FLUX_CONTENT)], FLUX_CONFIG),
    artifact([layer(entries, FLUX_CONTENT)], OCI_CONFIG),
    artifact([titled(layer(entries), '.', true)], OCI_CONFIG),
  ])
    assert.equal((await refusal(unpackArtifact(of))).code, 'PATH_REFUSED');
});

test('materialize follows an image’s links in its own root', async () => {
  const layers = [
    [file('etc/real', 'r'), symlink('etc/alias', '/etc/real'), symlink('up', '../../etc/real')],
  ];
  const { texts } = await unpackArtifact(image(layers), { options: { links: 'materialize' } });
  assert.deepEqual(texts, { 'etc/alias': 'r', 'etc/real': 'r', up: 'r' });
  const dangling = image([[symlink('a', '/nowhere')]]);
  assert.equal(
    (await refusal(unpackArtifact(dangling, { options: { links: 'materialize' } }))).code,
    'LINK_REFUSED',
  );
});
