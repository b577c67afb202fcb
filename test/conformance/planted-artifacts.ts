import { hash } from 'node:crypto';
import { inPathOrder } from '../../shared/kernel/byte-order.ts';
import type { ArtifactRecord, FileEntry } from '../../shared/model/artifact-record.ts';
import type { StagedTree } from '../../shared/model/artifact-store.ts';
import { contentDigestOf } from '../../shared/model/content-digest.ts';
import type { ArtifactId } from '../../shared/model/ids.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import type { Store, SweepOptions } from '../../shared/store/store.ts';
import { type Swept, sweepStore } from '../../shared/store/sweep.ts';

export const ID: ArtifactId = { digest: digestOf('one'), variant: 'default' };
export type Tree = Readonly<Record<string, string | Uint8Array>>;

export const fileEntry = (path: string, content: string | Uint8Array, mode = 0o644): FileEntry => ({
  path,
  size: Buffer.byteLength(content),
  sha256: hash('sha256', content),
  mode,
});

/** The record that is right for `tree`. */
export function recordOf(id: ArtifactId, tree: Tree): ArtifactRecord {
  const files = inPathOrder(Object.entries(tree).map(([path, content]) => fileEntry(path, content)));
  return {
    formatVersion: 1,
    ...id,
    manifest: id.digest,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactType: null,
    annotations: { 'org.opencontainers.image.title': 'sample' },
    contentDigest: contentDigestOf(files, []),
    size: files.reduce((sum, { size }) => sum + size, 0),
    layers: [],
    files,
    links: [],
  };
}

/** The record as it was before its files were packed. */
export const unpacked = (record: ArtifactRecord | undefined): ArtifactRecord | undefined => {
  if (record === undefined) return undefined;
  const { packs: _, ...rest } = record;
  const files = record.files.map(({ pack: __, offset: ___, ...file }) => file);
  return { ...rest, formatVersion: 1, files };
};

export async function writeFile(
  staging: StagedTree,
  path: string,
  content: string | Uint8Array,
  mode = 0o644,
): Promise<void> {
  const whole = Buffer.from(content);
  const writer = await staging.create(path, whole.length, mode);
  const half = Math.floor(whole.length / 2);
  await writer.write(whole.subarray(0, half));
  await writer.write(whole.subarray(half));
  await writer.close();
}

export async function writeTree(staging: StagedTree, tree: Tree): Promise<void> {
  for (const [path, content] of Object.entries(tree)) await writeFile(staging, path, content);
}

/** Lands `tree` as an artifact. */
export async function land(store: Store, id: ArtifactId, tree: Tree): Promise<'committed' | 'exists'> {
  const staging = await store.artifacts.stage(id);
  try {
    await writeTree(staging, tree);
    return await staging.commit(recordOf(id, tree));
  } finally {
    await staging.discard();
  }
}

/** As collect does it after its listing. */
export async function sweepAll(store: Store, options: SweepOptions): Promise<Swept> {
  const orphans: ArtifactId[] = [];
  for await (const _ of store.artifacts.list({ onOrphan: (id) => void orphans.push(id) }));
  return sweepStore(store, orphans, options);
}
