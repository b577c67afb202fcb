import * as z from 'zod/mini';
import { compareBytes } from '../kernel/byte-order.ts';
import type { ArtifactRecord, FileEntry } from '../model/artifact-record.ts';
import type { ArtifactId } from '../model/ids.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import { corruptDocument, type DocumentKind, parseDocument } from './document.ts';
import { recordKey } from './layout.ts';

const digest = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value), 'not a digest');
const bytes = z.int().check(z.nonnegative());
const word = z.string().check(z.minLength(1));
const SHA256 = /^[0-9a-f]{64}$/;

/** By hand: a record can hold 50,000 of them. */
function isFileEntry(value: unknown): value is FileEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { path, size, sha256, mode } = value as Partial<Record<keyof FileEntry, unknown>>;
  return (
    typeof path === 'string' &&
    path !== '' &&
    typeof sha256 === 'string' &&
    SHA256.test(sha256) &&
    Number.isSafeInteger(size) &&
    (size as number) >= 0 &&
    Number.isSafeInteger(mode) &&
    (mode as number) >= 0
  );
}

const inOrder = (files: readonly FileEntry[]): boolean =>
  files.every((file, at) => at === 0 || compareBytes(files[at - 1]?.path ?? '', file.path) < 0);

const isFiles = (value: unknown): value is readonly FileEntry[] =>
  Array.isArray(value) && value.every(isFileEntry) && inOrder(value);

const isFolders = (value: unknown): value is readonly string[] =>
  Array.isArray(value) &&
  value.every((path, at) => typeof path === 'string' && path !== '' && isAfter(path, value[at - 1]));

const isAfter = (path: string, before: unknown): boolean =>
  typeof before !== 'string' || compareBytes(before, path) < 0;

const recordSchema = z.object({
  formatVersion: z.literal(1),
  digest,
  variant: word,
  manifest: digest,
  mediaType: z.string(),
  artifactType: z.nullable(z.string()),
  annotations: z.record(z.string(), z.string()),
  contentDigest: digest,
  size: bytes,
  layers: z.array(z.object({ mediaType: z.string(), digest, size: bytes })),
  files: z.custom<readonly FileEntry[]>(
    isFiles,
    'not a list of {path, size, sha256, mode} in byte order of path',
  ),
  links: z.array(z.object({ path: word, target: z.string(), outside: z.exactOptional(z.literal(true)) })),
  folders: z.exactOptional(z.custom<readonly string[]>(isFolders, 'not a list of paths in byte order')),
  leftOut: z.exactOptional(bytes),
}) satisfies z.ZodMiniType<ArtifactRecord>;

const KIND: DocumentKind<ArtifactRecord> = {
  what: 'a commit record',
  schema: recordSchema,
  hint: 'Run `landfall fsck --repair`: the artifact is landed again by the next reconcile.',
};

/** @throws LandfallError STORE_CORRUPT, STORE_VERSION */
export function parseRecord(content: Uint8Array, id: ArtifactId): ArtifactRecord {
  const key = recordKey(id);
  const record = parseDocument(KIND, key, content);
  if (record.digest === id.digest && record.variant === id.variant) return record;
  throw corruptDocument(KIND, key, `it says ${record.digest} ${record.variant}`);
}

/** The bytes of `artifact.json`: one line a file, so that it can be read and compared. */
export function formatRecord({ files, ...record }: ArtifactRecord): Uint8Array {
  const head = JSON.stringify(record, null, 2).slice(0, -2);
  const lines = files.map((file) => `    ${JSON.stringify(file)}`).join(',\n');
  return Buffer.from(`${head},\n  "files": [${lines === '' ? '' : `\n${lines}\n  `}]\n}\n`);
}
