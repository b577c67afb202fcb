import { hash } from 'node:crypto';
import { LandfallError } from '../errors.ts';
import type { CallOptions } from '../kernel/call-options.ts';
import { eachOf } from '../kernel/each-of.ts';
import { readAtMost } from '../kernel/read-bytes.ts';
import { IMAGE_FILE_BYTES } from '../limits.ts';
import type { ArtifactStore } from '../model/artifact-store.ts';
import type { WrittenRevision } from '../model/composition.ts';
import { fileKey } from '../store/layout.ts';
import { quoteName } from '../unpack/entry-path.ts';
import { isUnder } from './moved-path.ts';
import { inPartOrder, type PlannedFile } from './plan.ts';

/** Files read at the same time. */
const READS = 16;

/** As image-automation-controller looks at files. */
const YAML = /\.ya?ml$|(?:^|\/)Kustomization$/;

export interface WrittenFilesDeps extends CallOptions {
  readonly artifacts: ArtifactStore;
  /** Called with what was left as it is, though it looks as if it were meant. */
  readonly onNote: (note: string) => void;
}

async function readProven(
  { entry, artifact }: PlannedFile,
  { artifacts, signal }: WrittenFilesDeps,
): Promise<Buffer> {
  const stream = await artifacts.open(artifact, entry.path, { signal });
  const { bytes } = await readAtMost(stream, IMAGE_FILE_BYTES);
  if (hash('sha256', bytes) === entry.sha256) return bytes;
  throw new LandfallError(
    'STORE_CORRUPT',
    `${fileKey(artifact, entry.path)} is not what its commit record says: it has another SHA-256`,
  );
}

const decode = (bytes: Buffer): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

/**
 * The files of a plan that images are written into, by path, with what they have then. Each that may have a marker is
 * read once, and held to its commit record.
 * @throws LandfallError STORE_*, COMPOSE_REFUSED
 */
export async function writtenFiles(
  files: readonly PlannedFile[],
  images: readonly WrittenRevision[],
  deps: WrittenFilesDeps,
): Promise<ReadonlyMap<string, Buffer>> {
  const written = new Map<string, Buffer>();
  if (images.length === 0) return written;
  const { MARKER_TOKEN, isKustomization, writeImages } = await import('./yaml-edits.ts');
  const found = new Set<WrittenRevision>();
  const strange = new Set<string>();
  const meant = (path: string): readonly WrittenRevision[] =>
    images.filter((image) => image.path === undefined || isUnder(path, image.path));
  const note = (path: string, why: string): void =>
    deps.onNote(`${quoteName(path)} is left as it is: ${why}`);
  const candidates = files.filter(({ path }) => YAML.test(path) && meant(path).length > 0);
  await eachOf(inPartOrder(candidates), { limit: READS, signal: deps.signal }, async (file) => {
    const { path, entry } = file;
    if (entry.size > IMAGE_FILE_BYTES)
      return note(
        path,
        `it has ${entry.size} bytes, and images are written into files of ${IMAGE_FILE_BYTES}`,
      );
    const bytes = await readProven(file, deps);
    if (!bytes.includes(MARKER_TOKEN) && !isKustomization(path)) return;
    const text = decode(bytes);
    const result = text === undefined ? undefined : writeImages(path, text, meant(path));
    if (result === undefined)
      return note(path, text === undefined ? 'it is no UTF-8' : 'it is no YAML of objects');
    for (const image of result.found) found.add(image);
    for (const name of result.strange) strange.add(name);
    if (result.text !== text) written.set(path, Buffer.from(result.text));
  });
  for (const name of strange) deps.onNote(`no image is called ${quoteName(name)}, which a marker names`);
  for (const { source, marker, name } of images.filter((image) => !found.has(image)))
    deps.onNote(
      `no file has a place for ${source}: ${name === undefined ? `no marker names ${marker}` : `no kustomization has the image ${quoteName(name)}`}`,
    );
  return written;
}
