import { LandfallError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { refuseClashes } from '../unpack/clashes.ts';
import { quoteName } from '../unpack/entry-path.ts';
import { isImageLayer } from '../unpack/layer/layer-kinds.ts';
import { readWhiteout } from '../unpack/whiteout.ts';
import type { SourceTree } from './source-tree.ts';

/**
 * Refuses names that could be packed and not unpacked again, in the words of unpacking: what the publisher is told
 * here, every consumer would be told otherwise.
 * @throws LandfallError ENTRY_REFUSED
 */
export function refuseUnlandableNames({ files, folders }: SourceTree, mediaType: string): void {
  refuseClashes([...files.map(({ path }) => path), ...folders.filter((path) => path !== '.')]);
  if (!isImageLayer(mediaType)) return;
  for (const { path, size, mode } of files) {
    if (readWhiteout({ type: 'file', path, size, mode }) === undefined) continue;
    throw new LandfallError('ENTRY_REFUSED', `whiteout ${quoteName(path)} would take away what it names`, {
      hint: 'In a layer of an image names that begin with .wh. are whiteouts: rename the file, or leave --media-type out.',
    });
  }
}

/** The layer as it was packed is held against the ratio that it will be held against. @throws LandfallError RATIO_EXCEEDED */
export function refuseUnlandableRatio(
  { digest, size }: Descriptor,
  unpacked: number,
  { ratio, ratioGraceBytes }: Limits,
): void {
  if (unpacked <= Math.max(ratioGraceBytes, size * ratio)) return;
  throw new LandfallError(
    'RATIO_EXCEEDED',
    `layer ${digest} unpacks to more than ratio = ${ratio} times its ${size} bytes`,
    {
      hint: 'Whoever pulls it takes it for a decompression bomb. Push it as it is, with --media-type application/vnd.cncf.flux.content.v1.tar, or rule out what makes it so with --ignore.',
    },
  );
}
