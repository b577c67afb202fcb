import { hash } from 'node:crypto';
import type { CallOptions } from '../kernel/call-options.ts';
import { eachOf } from '../kernel/each-of.ts';
import type { ArtifactRecord, FileEntry } from '../model/artifact-record.ts';
import type { ArtifactStore, Staging } from '../model/artifact-store.ts';
import { COMPOSITION_TYPE, type Composition, compositionDigest } from '../model/composition.ts';
import { contentDigestOf } from '../model/content-digest.ts';
import type { ArtifactId } from '../model/ids.ts';
import { isPacked, packedVariant } from '../model/packed.ts';
import type { Source } from '../source/source.ts';
import { artifactNotFound } from '../store/artifact-not-found.ts';
import { filesPrefix, recordKey } from '../store/layout.ts';
import type { UnpackOptions } from '../unpack/unpack-options.ts';
import { inPartOrder, type Plan, type PlannedFile, Planning } from './plan.ts';
import { writtenFiles } from './written-files.ts';

export interface ComposedInput {
  readonly source: Pick<Source, 'limits' | 'namespace' | 'name' | 'unpack'>;
  readonly composition: Composition;
  readonly signal: AbortSignal;
}

export interface ComposedDeps {
  readonly artifacts: ArtifactStore;
  readonly onNote: (note: string) => void;
}

/** Files that are copied at the same time. */
const COPIES = 16;
/** Nothing is unpacked: there are no options to name. */
export const composedArtifact = (
  composition: Composition,
  { layout }: Pick<UnpackOptions, 'layout'>,
): ArtifactId => ({
  digest: compositionDigest(composition),
  variant: layout === 'pack' ? packedVariant('default') : 'default',
});

/** The plan, and what was said of the part that comes first. */
async function plannedOf(
  { source, composition, signal }: ComposedInput,
  id: ArtifactId,
  artifacts: ArtifactStore,
): Promise<{ readonly plan: Plan; readonly annotations: ArtifactRecord['annotations'] }> {
  const { onClash, include } = composition;
  const prefixBytes = Buffer.byteLength(filesPrefix(id));
  const planning = new Planning({ onClash, limits: source.limits, prefixBytes });
  let annotations: ArtifactRecord['annotations'] = {};
  for (const part of include) {
    const { digest, variant } = part;
    const record = await artifacts.record({ digest, variant }, { signal });
    if (record === undefined) throw artifactNotFound(recordKey({ digest, variant }));
    planning.add(part, record);
    // Of the source's own url, which no other includes: what was said of it is said of what it became.
    if (part.source === `${source.namespace}/${source.name}.base`) annotations = record.annotations;
  }
  return { plan: planning.whole(), annotations };
}

async function stageFiles(
  id: ArtifactId,
  { files }: Plan,
  written: ReadonlyMap<string, Buffer>,
  staging: Staging,
  { signal }: CallOptions,
): Promise<readonly FileEntry[]> {
  const taken = files.filter(({ path }) => !written.has(path));
  const isAlone = ({ artifact }: PlannedFile): boolean => isPacked(id) || isPacked(artifact);
  const [alone, others] = [taken.filter(isAlone), taken.filter((file) => !isAlone(file))];
  const take = ({ path, entry, artifact }: PlannedFile): Promise<void> =>
    staging.take({ artifact, entry }, path);
  await eachOf(others, { limit: COPIES, signal }, take);
  await eachOf(inPartOrder(alone), { limit: 1, signal }, take);
  for (const { path, entry } of files) {
    const bytes = written.get(path);
    if (bytes === undefined) continue;
    const writer = await staging.create(path, bytes.length, entry.mode);
    await writer.write(bytes);
    await writer.close();
  }
  return files.map(({ path, entry: { size, sha256, mode } }) => {
    const bytes = written.get(path);
    return bytes === undefined
      ? { path, size, sha256, mode }
      : { path, size: bytes.length, sha256: hash('sha256', bytes), mode };
  });
}

/**
 * Puts together what a composition comes to, and gives its record; nothing is committed.
 * @param id as `composedArtifact` has it
 * @throws LandfallError COMPOSE_REFUSED, PATH_REFUSED, TOO_MANY_FILES, UNPACKED_TOO_LARGE, ARTIFACT_NOT_FOUND, STORE_*
 */
export async function stageComposed(
  { source, composition, signal }: ComposedInput,
  id: ArtifactId,
  staging: Staging,
  { artifacts, onNote }: ComposedDeps,
): Promise<ArtifactRecord> {
  const { plan, annotations } = await plannedOf({ source, composition, signal }, id, artifacts);
  const written = await writtenFiles(plan.files, composition.images, { artifacts, onNote, signal });
  const files = await stageFiles(id, plan, written, staging, { signal });
  const { links, folders } = plan;
  return {
    formatVersion: 1,
    digest: id.digest,
    variant: id.variant,
    manifest: id.digest,
    mediaType: COMPOSITION_TYPE,
    artifactType: null,
    annotations,
    contentDigest: contentDigestOf(files, links, folders),
    size: files.reduce((sum, { size }) => sum + size, 0),
    layers: [],
    files,
    links,
    ...(folders.length > 0 && { folders }),
    composition,
  };
}
