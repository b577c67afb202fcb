import * as z from 'zod/mini';
import { compareBytes } from '../kernel/byte-order.ts';
import { digestSchema } from './digest-schema.ts';

/**
 * One file of an artifact. `mode` is the POSIX permission bits as the archive gave them (data; stored files are 0644 or 0755).
 * By hand, and checked by hand: a record can hold 50,000 of them.
 */
export interface FileEntry {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly mode: number;
  /** Which of the record's packs has it, from `offset` (bytes) on. Both are absent where nothing is packed, and of no bytes. */
  readonly pack?: number;
  readonly offset?: number;
}

const SHA256 = /^[0-9a-f]{64}$/;
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;

function isFileEntry(value: unknown): value is FileEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { path, size, sha256, mode, pack, offset }: Partial<Record<keyof FileEntry, unknown>> = value;
  const isNamed = typeof path === 'string' && path !== '';
  const isPlaced = (pack === undefined && offset === undefined) || (isCount(pack) && isCount(offset));
  const isProven = typeof sha256 === 'string' && SHA256.test(sha256);
  return isNamed && isProven && isCount(size) && isCount(mode) && isPlaced;
}

const isAfter = (path: string, before: string | undefined): boolean =>
  before === undefined || compareBytes(before, path) < 0;

const isFiles = (value: unknown): value is readonly FileEntry[] =>
  Array.isArray(value) &&
  value.every(isFileEntry) &&
  value.every(({ path }, at) => isAfter(path, value[at - 1]?.path));

const isFolders = (value: unknown): value is readonly string[] =>
  Array.isArray(value) &&
  value.every((path) => typeof path === 'string' && path !== '') &&
  value.every((path, at) => isAfter(path, value[at - 1]));

const bytes = z.int().check(z.nonnegative());
const word = z.string().check(z.minLength(1));

const layer = z.readonly(z.object({ mediaType: z.string(), digest: digestSchema, size: bytes }));

export type LayerEntry = z.infer<typeof layer>;

const link = z.readonly(
  z.object({
    path: word,
    target: z.string(),
    /** It leaves the artifact, or cannot surely be told to stay in it. */
    outside: z.exactOptional(z.literal(true)),
  }),
);

/**
 * A symbolic link: recorded, left out of files/. `target` is relative to the artifact's root; as the archive has it,
 * made printable, where it is `outside`. (Records of older versions list hard links here, too.)
 */
export type LinkEntry = z.infer<typeof link>;

/** An object under `files/` that has many files one behind the other, or a large one alone. */
const pack = z.readonly(z.object({ path: word, size: bytes }));

export type PackEntry = z.infer<typeof pack>;

interface Placed {
  readonly files: readonly FileEntry[];
  readonly packs?: readonly PackEntry[] | undefined;
}

/** Every byte of every file is within a pack; where there are none, no file says that it is in one. */
const isInPlace = ({ files, packs }: Placed): boolean =>
  files.every(({ size, pack: at, offset }) => {
    if (packs === undefined || size === 0) return at === undefined;
    const there = at === undefined ? undefined : packs[at];
    return there !== undefined && (offset ?? 0) + size <= there.size;
  });

const recordShape = z.readonly(
  z.object({
    /** 2 where files are packed: who reads version 1 alone would look for a tree. */
    formatVersion: z.union([z.literal(1), z.literal(2)]),
    /** Of the manifest, or of the index where it is one. */
    digest: digestSchema,
    variant: word,
    /** Of the manifest the layers came from, where `digest` is an index. */
    manifest: digestSchema,
    mediaType: z.string(),
    artifactType: z.nullable(z.string()),
    annotations: z.readonly(z.record(z.string(), z.string())),
    contentDigest: digestSchema,
    /** Sum of the files' sizes, in bytes. */
    size: bytes,
    layers: z.readonly(z.array(layer)),
    /** In byte order of path. */
    files: z.custom<readonly FileEntry[]>(
      isFiles,
      'not a list of {path, size, sha256, mode} in byte order of path',
    ),
    /** Absent where files are a tree. */
    packs: z.exactOptional(z.readonly(z.array(pack))),
    links: z.readonly(z.array(link)),
    /** Folders with no file and no link below them, in byte order; absent where there are none. */
    folders: z.exactOptional(z.custom<readonly string[]>(isFolders, 'not a list of paths in byte order')),
    /** Devices, named pipes and AUFS's own books of a container image, which are not kept; absent where it had none. */
    leftOut: z.exactOptional(bytes),
  }),
);

export const recordSchema = recordShape.check(
  z.refine(isInPlace, { error: 'a file is in no pack of the record', path: ['files'] }),
  z.refine(({ formatVersion, packs }) => (formatVersion === 2) === (packs !== undefined), {
    error: 'version 2 is with packs, and version 1 without',
    path: ['packs'],
  }),
);

/** The commit record, `artifact.json`: written last, so that its presence proves every file. */
export type ArtifactRecord = z.infer<typeof recordSchema>;
