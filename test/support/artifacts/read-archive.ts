import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { isLandfallError, type LandfallError } from '../../../shared/errors.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../shared/limits.ts';
import type { Descriptor } from '../../../shared/oci/descriptor.ts';
import { digestOf } from '../../../shared/oci/digest.ts';
import { UnpackBudget } from '../../../shared/unpack/budget.ts';
import { type ReadLayerInput, untarLayer } from '../../../shared/unpack/layer/read-layer.ts';
import type { TarEntry, TarVisitor } from '../../../shared/unpack/tar/tar-reader.ts';

export interface ReadEntry extends TarEntry {
  /** Of the body, hex. */
  readonly sha256: string;
}

/** Collects what a visitor is told, and checks that it is told in order. */
export function listing(): { readonly visitor: TarVisitor; readonly entries: ReadEntry[] } {
  const entries: ReadEntry[] = [];
  let open: { entry: TarEntry; hash: ReturnType<typeof createHash>; bytes: number } | undefined;
  const visitor: TarVisitor = {
    begin(entry) {
      if (open !== undefined) throw new Error('begin before end');
      open = { entry, hash: createHash('sha256'), bytes: 0 };
    },
    data(chunk) {
      if (open === undefined) throw new Error('data before begin');
      open.hash.update(chunk);
      open.bytes += chunk.length;
    },
    end() {
      if (open?.bytes !== open?.entry.size) throw new Error(`${open?.bytes} bytes of ${open?.entry.size}`);
      if (open !== undefined) entries.push({ ...open.entry, sha256: open.hash.digest('hex') });
      open = undefined;
    },
  };
  return { visitor, entries };
}

export const describe = (bytes: Buffer, mediaType = 'application/x-tar'): Descriptor => ({
  mediaType,
  digest: digestOf(bytes),
  size: bytes.length,
});

export interface ReadOptions extends Partial<Omit<ReadLayerInput, 'budget'>> {
  readonly mediaType?: string;
  readonly limits?: Partial<Limits>;
  /** The pieces the bytes come in; default one. */
  readonly chunks?: readonly Buffer[];
}

/** Reads a layer as unpack does; `bytes` are what the descriptor is made from. */
export async function readArchive(bytes: Buffer, options: ReadOptions = {}): Promise<ReadEntry[]> {
  const { mediaType, limits, chunks = [bytes], ...input } = options;
  const { visitor, entries } = listing();
  await untarLayer(
    {
      blob: Readable.from(chunks),
      descriptor: describe(bytes, mediaType),
      budget: new UnpackBudget({ ...DEFAULT_LIMITS, ...limits }),
      ...input,
    },
    visitor,
  );
  return entries;
}

/** The LandfallError that reading ends in; anything else, success included, is rethrown. */
export async function refusalOf(read: Promise<unknown>): Promise<LandfallError> {
  try {
    await read;
  } catch (error) {
    if (isLandfallError(error)) return error;
    throw error;
  }
  throw new Error('it was accepted');
}
