import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import { isLandfallError } from '../../../shared/errors.ts';
import { OCI_LAYER } from '../../../shared/oci/media-types.ts';
import { BLOCK, file, hardlink, symlink, tar } from '../../support/artifacts/tar-builder.ts';
import { artifact, type TestUnpacked, unpackArtifact } from '../../support/artifacts/unpack-artifact.ts';
import type { FuzzTarget } from '../engine/fuzz-target.ts';
import { TAR_SEEDS, TAR_WORDS, withChecksums } from '../engine/tar-input.ts';

const LEAVES = /^\/|^$|(?:^|\/)\.{1,2}(?:\/|$)|\p{Cc}/u;

/** One archive in two layers, cut where its sum says: below and above. */
export function layersOf(input: Buffer) {
  const blocks = Math.floor(input.length / BLOCK);
  const cut = (blocks === 0 ? 0 : crc32(input) % blocks) * BLOCK;
  return [input.subarray(0, cut), input.subarray(cut)].map((bytes) => ({ mediaType: OCI_LAYER, bytes }));
}

/** No file or link is outside the root or twice there, no file is below a link, and what is refused was refused with a code. */
export function checkTree({ files, links, folders = [] }: TestUnpacked): void {
  const paths = [...files, ...links].map(({ path }) => path);
  assert.equal(new Set(paths).size, paths.length, 'each path once');
  for (const path of [...paths, ...folders]) assert.doesNotMatch(path, LEAVES);
  const taken = new Set(paths);
  for (const path of [...paths, ...folders])
    for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1))
      assert.ok(!taken.has(path.slice(0, at)), `${path} is below a file or link`);
}

export async function unpacked(
  layers: ReturnType<typeof layersOf>,
  config: string,
  links: 'record' | 'materialize',
): Promise<TestUnpacked | undefined> {
  try {
    return await unpackArtifact(artifact(layers, config), {
      options: { links, layers: 'all' },
      isOnce: true,
    });
  } catch (error) {
    if (!isLandfallError(error) || error.code === 'INTERNAL') throw error;
    return undefined;
  }
}

/** Two layers of an artifact, to files: what is there is inside the root, each once, of the size and digest that is told. */
export const target: FuzzTarget = {
  name: 'artifact',
  seeds: [
    ...TAR_SEEDS,
    tar(
      file('.sourceignore', '*.md\n!a.md\n'),
      file('a.md'),
      file('b.md'),
      symlink('l', 'a.md'),
      hardlink('h', 'b.md'),
    ),
  ],
  words: TAR_WORDS,
  repair: withChecksums,
  judge: async (input) => {
    const layers = layersOf(input);
    const tree = await unpacked(layers, 'application/vnd.cncf.flux.config.v1+json', 'record');
    const copied = await unpacked(layers, 'application/vnd.cncf.flux.config.v1+json', 'materialize');
    for (const each of [tree, copied]) if (each !== undefined) checkTree(each);
    if (tree !== undefined && copied !== undefined) {
      const isFile = new Map(copied.files.map(({ path, sha256 }) => [path, sha256]));
      for (const { path, sha256 } of tree.files) assert.equal(isFile.get(path), sha256, path);
    }
    return tree !== undefined;
  },
  hostile: [
    [
      'links to links',
      () => tar(...Array.from({ length: 20_000 }, (_, at) => symlink(`l${at}`, `l${at + 1}`))),
    ],
    [
      'hard links to one file',
      () => tar(file('a'), ...Array.from({ length: 20_000 }, (_, at) => hardlink(`h${at}`, 'a'))),
    ],
    [
      'names that differ in case',
      () => tar(...Array.from({ length: 10_000 }, (_, at) => file(`${at}/${'É'.repeat(60)}`))),
    ],
  ],
};
