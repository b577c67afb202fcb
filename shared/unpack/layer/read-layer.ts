import type { Readable } from 'node:stream';
import { isLandfallError, LandfallError } from '../../errors.ts';
import type { Limits } from '../../limits.ts';
import type { FileWriter, WriteBehind } from '../../model/artifact-store.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import type { UnpackBudget } from '../budget.ts';
import { COMPRESSIONS, type CompressionName, promisedCompression } from '../compression/compressions.ts';
import { type ByteSink, decompress } from '../compression/decompress.ts';
import type { Reading } from '../reading.ts';
import { TarReader, type TarVisitor } from '../tar/tar-reader.ts';
import { DiffIdVerifier } from './diff-id.ts';
import { LayerBlob } from './layer-blob.ts';
import { isPackedFolder } from './layer-kinds.ts';

export interface ReadLayerInput {
  /** The blob as it comes, unproven. It is destroyed when the call is over. */
  readonly blob: Readable;
  readonly descriptor: Descriptor;
  readonly budget: UnpackBudget;
  /** Bytes that stand before every path where it is stored; they count towards `pathBytes`. Default 0. */
  readonly prefixBytes?: number;
  /** How the archive is read; default `artifact`, the strict one. */
  readonly reading?: Reading;
  /** The bytes say what a layer is; where its media type promised something else, that is told. */
  readonly onNote?: (note: string) => void;
  /** Digests that the tar has to have, of an image's config. */
  readonly diffIds?: readonly Digest[] | undefined;
  /** Of the staging that the visitor writes into, with the digests that `diffIds` need. */
  readonly behind?: WriteBehind | undefined;
  readonly signal?: AbortSignal;
  /** Compressed bytes of this layer read so far. */
  readonly onProgress?: (compressedBytes: number) => void;
}

/** Call before asking for the blob. @throws LandfallError LAYER_TOO_LARGE */
export function checkLayerSize({ digest, size }: Descriptor, { layerBytes }: Limits): void {
  if (size <= layerBytes) return;
  throw new LandfallError(
    'LAYER_TOO_LARGE',
    `layer ${digest} is ${size} bytes, more than layerBytes = ${layerBytes}`,
    { hint: 'Push a smaller layer, or raise the limit layerBytes for this source.' },
  );
}

/**
 * Charges bytes before anyone sees them. The ratio is held against the layer's whole size, which the end proves, so
 * the verdict does not depend on how far the network was ahead.
 */
function charged(input: ReadLayerInput, sink: ByteSink): ByteSink {
  const { budget, descriptor } = input;
  const { ratio, ratioGraceBytes } = budget.limits;
  const most = Math.max(ratioGraceBytes, descriptor.size * ratio);
  let bytes = 0;
  return (chunk) => {
    bytes += chunk.length;
    budget.takeBytes(chunk.length);
    if (bytes <= most) return sink(chunk);
    throw new LandfallError(
      'RATIO_EXCEEDED',
      `layer ${descriptor.digest} unpacks to more than ratio = ${ratio} times its ${descriptor.size} bytes`,
      { hint: 'This looks like a decompression bomb; if it is not, raise the limit ratio for this source.' },
    );
  };
}

/** Those who judge a path or a compressed stream do not know whose it is. */
function located(error: unknown, { digest }: Descriptor): unknown {
  if (!isLandfallError(error) || error.message.includes(digest)) return error;
  if (error.code !== 'COMPRESSION_INVALID' && error.code !== 'PATH_REFUSED') return error;
  return error.with({ message: `layer ${digest}: ${error.message}` });
}

/** Runs `body` over the blob, whose end the blob itself proves, and reports what really went wrong. */
async function withBlob(input: ReadLayerInput, body: (blob: LayerBlob) => Promise<void>): Promise<void> {
  const blob = new LayerBlob(input.blob, input.descriptor, input);
  try {
    checkLayerSize(input.descriptor, input.budget.limits);
    await body(blob);
  } catch (error) {
    throw located(await blob.judge(error), input.descriptor);
  } finally {
    blob.close();
  }
}

/**
 * Feeds a layer's tar entries to `visitor`. What the visitor gets is unproven: only when this resolves was the blob
 * hashed and counted to its true end, decompressed without a rest, and the archive ended rightly.
 * @throws LandfallError LAYER_TOO_LARGE, SIZE_MISMATCH, DIGEST_MISMATCH, BLOB_TRUNCATED, COMPRESSION_INVALID,
 * RATIO_EXCEEDED, UNPACKED_TOO_LARGE, TOO_MANY_FILES, ARCHIVE_INVALID, ENTRY_REFUSED, PATH_REFUSED, DIFF_ID_MISMATCH,
 * CANCELLED
 */
export async function untarLayer(input: ReadLayerInput, visitor: TarVisitor): Promise<void> {
  const { budget, descriptor, behind } = input;
  const reader = new TarReader(visitor, {
    budget,
    prefixBytes: input.prefixBytes ?? 0,
    ...(input.reading && { reading: input.reading }),
    label: `layer ${descriptor.digest}`,
  });
  const promised = promisedBy(descriptor);
  const tar = new DiffIdVerifier(descriptor.digest, input.diffIds ?? []);
  await withBlob(input, async (blob) => {
    const read: ByteSink = behind
      ? taking(behind, (chunk) => reader.push(chunk))
      : (chunk) => {
          tar.update(chunk);
          return reader.push(chunk);
        };
    const found = await decompress(blob, promised, {
      sink: charged(input, read),
      room: behind && (() => behind.room()),
    });
    reader.finish();
    tar.finish(await behind?.settled());
    noteLabel(input, found);
  });
}

/** Has each piece in the memory that the other thread sees before it is read. */
function taking(behind: WriteBehind, sink: ByteSink): ByteSink {
  const copied = async (chunk: Uint8Array, first: Uint8Array | Promise<Uint8Array>): Promise<void> => {
    for (let taken = first, at = 0; ; taken = behind.take(chunk.subarray(at))) {
      const view = await taken;
      at += view.length;
      await sink(view);
      if (at >= chunk.length) return;
    }
  };
  return (chunk) => {
    const taken = behind.take(chunk);
    return taken === chunk ? sink(chunk) : copied(chunk, taken);
  };
}

type Compressed = CompressionName | 'none';

/** ORAS gzips folders whatever their media type. */
function promisedBy(layer: Descriptor): Compressed | undefined {
  const promised = promisedCompression(layer.mediaType);
  return promised === 'none' && isPackedFolder(layer) ? undefined : promised;
}

const nameOf = (compression: Compressed): string => (compression === 'none' ? 'not compressed' : compression);

function noteLabel({ descriptor, onNote }: ReadLayerInput, found: Compressed): void {
  const promised = promisedBy(descriptor);
  if (promised === undefined || promised === found || descriptor.size === 0) return;
  onNote?.(
    `layer ${descriptor.digest} is ${nameOf(found)}, though its media type says ${nameOf(promised)}; it was taken for what it is`,
  );
}

/**
 * Writes a layer's bytes as they are. The file is closed only after they were proven: a writer that was not closed
 * holds nothing that may be kept.
 * @throws LandfallError LAYER_TOO_LARGE, SIZE_MISMATCH, DIGEST_MISMATCH, BLOB_TRUNCATED, UNPACKED_TOO_LARGE,
 * TOO_MANY_FILES, CANCELLED
 */
export async function copyLayer(input: ReadLayerInput, writer: FileWriter): Promise<void> {
  await withBlob(input, async (blob) => {
    input.budget.takeFile();
    for await (const chunk of blob) {
      input.budget.takeBytes(chunk.length);
      const written = writer.write(chunk);
      if (written !== undefined) await written;
    }
    await writer.close();
    noteLabel(input, COMPRESSIONS.find(({ begins }) => begins(blob.head))?.name ?? 'none');
  });
}
