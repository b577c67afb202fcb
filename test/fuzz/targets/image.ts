import { OCI_CONFIG } from '../../../shared/oci/media-types.ts';
import { directory, file, hardlink, symlink, tar } from '../../support/artifacts/tar-builder.ts';
import type { FuzzTarget } from '../engine/fuzz-target.ts';
import { TAR_SEEDS, TAR_WORDS, withChecksums } from '../engine/tar-input.ts';
import { checkTree, layersOf, unpacked } from './artifact.ts';

/** Two layers of a container image: whatever its links say, nothing is outside the root. */
export const target: FuzzTarget = {
  name: 'image',
  seeds: [
    ...TAR_SEEDS,
    tar(
      directory('usr/'),
      symlink('lib', 'usr/lib'),
      file('lib/a'),
      file('.wh.usr', ''),
      file('lib/.wh..wh..opq', ''),
    ),
    tar(symlink('a', '/b'), symlink('b', '../../a'), file('a/x'), hardlink('h', 'a/x'), file('/abs/../y')),
  ],
  words: [...TAR_WORDS, '.wh.', '.wh..wh.plnk', 'a', 'b', 'lib/'],
  repair: withChecksums,
  judge: async (input) => {
    const layers = layersOf(input);
    const tree = await unpacked(layers, OCI_CONFIG, 'record');
    const copied = await unpacked(layers, OCI_CONFIG, 'materialize');
    for (const each of [tree, copied]) if (each !== undefined) checkTree(each);
    return tree !== undefined;
  },
  hostile: [
    [
      'links that go round',
      () =>
        tar(
          symlink('a', 'b'),
          symlink('b', 'a'),
          ...Array.from({ length: 5_000 }, (_, at) => file(`a/${at}`)),
        ),
    ],
    [
      'links through links',
      () =>
        tar(
          ...Array.from({ length: 250 }, (_, at) => symlink(`l${at}`, `l${at + 1}/l${at + 1}`)),
          file('l0/x'),
        ),
    ],
    [
      'whiteouts',
      () => tar(...Array.from({ length: 20_000 }, (_, at) => file(`d${at % 50}/.wh.f${at}`, ''))),
    ],
    [
      'hard links to hard links',
      () => tar(file('h0'), ...Array.from({ length: 3_000 }, (_, at) => hardlink(`h${at + 1}`, `h${at}`))),
    ],
  ],
};
