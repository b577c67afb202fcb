import type { Transform } from 'node:stream';
import { constants, createGunzip, createZstdDecompress } from 'node:zlib';
import { ZSTD_WINDOW_LOG_MAX } from '../../limits.ts';
import { essenceOf } from '../../oci/media-types.ts';
import { zstdFrames } from './zstd-frames.ts';

/** Bytes of a compressed stream, in pieces. */
type Pieces = AsyncIterable<Uint8Array>;

/** A compression that layers may have. */
export interface Compression {
  readonly name: 'gzip' | 'zstd';
  /** The essence of a media type that promises it: `…tar+gzip`, Docker's `…tar.gzip`. */
  readonly mediaType: RegExp;
  /** A tar of it: how its file would be named, and the essence of a media type that says that a layer is one. */
  readonly tar: { readonly kind: 'tar.gz' | 'tar.zst'; readonly mediaType: RegExp };
  readonly begins: (head: Buffer) => boolean;
  /** Its pieces as the decompressor must get them. */
  readonly cut: (source: Pieces) => Pieces;
  /** `chunkSize`: of the pieces it gives as a stream, in bytes. `bytesWritten` counts the input that it used. */
  readonly open: (chunkSize: number) => Transform & { readonly bytesWritten: number };
}

export type CompressionName = Compression['name'];

export const begins =
  (...bytes: readonly number[]) =>
  (head: Buffer): boolean =>
    head.length >= bytes.length && bytes.every((byte, index) => head[index] === byte);

const GZIP: Compression = {
  name: 'gzip',
  mediaType: /(?:[+.](?:gzip|gz|tgz)|[/](?:x-)?(?:gzip|tgz|gtar-compressed))$/,
  tar: { kind: 'tar.gz', mediaType: /[./+-](?:tar[+.](?:gzip|gz)|tgz|x-compressed-tar)$|\/(?:x-)?gzip$/ },
  begins: begins(0x1f, 0x8b),
  cut: (source) => source,
  open: (chunkSize) => createGunzip({ chunkSize }),
};

const ZSTD: Compression = {
  name: 'zstd',
  mediaType: /(?:[+.](?:zstd|zst)|[/](?:x-)?zstd)$/,
  tar: { kind: 'tar.zst', mediaType: /[./+-]tar[+.](?:zstd|zst)$/ },
  /** A frame, or a skippable frame. @see https://www.rfc-editor.org/rfc/rfc8878#section-3.1 */
  begins: (head) =>
    begins(0x28, 0xb5, 0x2f, 0xfd)(head) ||
    (begins(0x2a, 0x4d, 0x18)(head.subarray(1)) && (head[0] ?? 0) >> 4 === 5),
  cut: zstdFrames,
  open: (chunkSize) =>
    createZstdDecompress({
      chunkSize,
      params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG_MAX },
    }),
};

/** All there are. Another one is a row here. */
export const COMPRESSIONS: readonly Compression[] = [GZIP, ZSTD];

const PLAIN_TAR = /[/.+-]tar$/;

/**
 * The compression that a media type promises; `none` where it promises a plain tar, undefined where it promises
 * nothing. It is a label: what a layer is, its bytes say.
 */
export function promisedCompression(mediaType: string): CompressionName | 'none' | undefined {
  const type = essenceOf(mediaType);
  const promised = COMPRESSIONS.find((compression) => compression.mediaType.test(type));
  return promised?.name ?? (PLAIN_TAR.test(type) ? 'none' : undefined);
}
