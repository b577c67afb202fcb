import { inPathOrder } from '../kernel/byte-order.ts';
import type { Limits } from '../limits.ts';
import type { ArtifactRecord, LayerEntry } from '../model/artifact-record.ts';
import type { StagedTree } from '../model/artifact-store.ts';
import { contentDigestOf } from '../model/content-digest.ts';
import type { Digest } from '../oci/digest.ts';
import type { ImageManifest } from '../oci/manifest.ts';
import { UnpackBudget } from './budget.ts';
import { refuseClashes } from './clashes.ts';
import { emptyFolders } from './empty-folders.ts';
import { judgeImagePath, judgePath } from './entry-path.ts';
import { IgnoreTexts, ignoreFilter, type PathFilter, ruledOut } from './ignore.ts';
import { readDiffIds } from './image/diff-ids.ts';
import { unpackImage } from './image/unpack-image.ts';
import { refuseDuplicateTitles } from './layer/duplicate-titles.ts';
import type { LayerPlan } from './layer/layer-plan.ts';
import { type LayerReading, readStep } from './layer/layer-step.ts';
import { leftOutNote } from './layer/left-out-layers.ts';
import { checkLayerSize } from './layer/read-layer.ts';
import { type PathJudge, planLayers } from './layer/select-layers.ts';
import { materializeLinks } from './materialize.ts';
import { readingOf } from './reading.ts';
import type { Tree } from './tree.ts';
import { Union } from './union.ts';
import type { UnpackOptions } from './unpack-options.ts';

export interface UnpackInput extends Pick<LayerReading, 'prefixBytes' | 'signal' | 'onProgress' | 'onNote'> {
  readonly manifest: ImageManifest;
  readonly options: UnpackOptions;
  readonly limits: Limits;
}

export type UnpackDeps = Pick<LayerReading, 'openBlob' | 'staging'>;

/** The content of a manifest, all of it proven and staged; nothing is committed. */
export interface UnpackedTree extends Pick<ArtifactRecord, 'files' | 'links' | 'folders' | 'leftOut'> {
  /** The layers that were read, bottom first. */
  readonly layers: readonly LayerEntry[];
  /** Sum of the files' sizes, in bytes. */
  readonly size: number;
  readonly contentDigest: Digest;
}

/**
 * Unpacks the layers that `options` select into a staging. Resolves only when every layer was hashed and counted to
 * its true end; on failure the staging holds unproven files and must be discarded.
 * @throws LandfallError what planLayers, readDiffIds, untarLayer, copyLayer and the staging throw; LINK_REFUSED, IGNORE_INVALID
 */
export async function unpack(input: UnpackInput, deps: UnpackDeps): Promise<UnpackedTree> {
  const { manifest, options, limits, prefixBytes, signal } = input;
  const artifactJudge: PathJudge = (raw) => judgePath(raw, limits, prefixBytes);
  const plan = planLayers(manifest, options, artifactJudge);
  refuseDuplicateTitles(plan);
  const note = leftOutNote(manifest, plan, options);
  if (note !== undefined) input.onNote?.(note);
  for (const { layer } of plan) checkLayerSize(layer, limits);
  deps.staging.expect?.(Math.max(0, ...plan.map(({ layer }) => layer.size)));
  const budget = new UnpackBudget(limits);
  const tree: Tree = {
    files: new Map(),
    links: new Map(),
    folders: new Set(),
    ignoreTexts: new IgnoreTexts(),
  };
  const reading = readingOf(manifest, plan);
  const all: LayerReading = { ...input, ...deps, reading, budget, tree, isIgnored: earlyFilter(options) };
  const leftOut =
    reading === 'image'
      ? await unpackImage(plan, { ...all, diffIds: await readDiffIds(manifest, limits, all) })
      : await unpackArtifact(plan, all);
  if (options.mode === 'files') {
    const filter = ignoreFilter(tree.ignoreTexts.texts(), options.ignore);
    if (options.links === 'materialize') {
      const ignored = new Set(await ruledOut(tree.links.keys(), filter, signal));
      const judge: PathJudge =
        reading === 'image' ? (raw) => judgeImagePath(raw, limits, prefixBytes) : artifactJudge;
      await materializeLinks(tree, deps.staging, { budget, judge, ignored });
    }
    await dropIgnored(tree, filter, deps.staging, signal);
    if (reading === 'artifact') refuseClashes([...tree.files.keys(), ...tree.links.keys(), ...tree.folders]);
  }
  return toUnpackedTree(tree, plan, leftOut);
}

/** Strictly. Top layer first: see Union. */
async function unpackArtifact(plan: LayerPlan, reading: LayerReading): Promise<number> {
  const union = new Union(reading.budget);
  for (const step of plan.toReversed()) {
    await readStep(step, union, reading);
    union.descend();
  }
  for (const folder of union.folders()) reading.tree.folders.add(folder);
  return 0;
}

/**
 * The source's patterns stand above every `.sourceignore`, so what they rule out need not be written, unless a link may
 * want a copy of it.
 */
const earlyFilter = ({ mode, links, ignore }: UnpackOptions): PathFilter =>
  mode === 'files' && links === 'record' ? ignoreFilter(new Map(), ignore) : () => false;

async function dropIgnored(
  { files, links, folders }: Tree,
  filter: PathFilter,
  staging: StagedTree,
  signal: AbortSignal | undefined,
): Promise<void> {
  const out = await ruledOut(files.keys(), filter, signal);
  if (out.length > 0) await staging.remove(out);
  for (const path of out) files.delete(path);
  for (const path of await ruledOut(links.keys(), filter, signal)) links.delete(path);
  const named = Array.from(folders, (path) => `${path}/`);
  for (const path of await ruledOut(named, filter, signal)) folders.delete(path.slice(0, -1));
}

function toUnpackedTree(tree: Tree, plan: LayerPlan, leftOut: number): UnpackedTree {
  const files = inPathOrder(tree.files.values());
  const links = inPathOrder(Array.from(tree.links, ([path, link]) => ({ path, ...link })));
  const folders = emptyFolders(tree.folders, [...tree.files.keys(), ...tree.links.keys()]);
  return {
    files,
    links,
    ...(folders.length > 0 && { folders }),
    ...(leftOut > 0 && { leftOut }),
    layers: plan.map(({ layer: { mediaType, digest, size } }) => ({ mediaType, digest, size })),
    size: files.reduce((sum, file) => sum + file.size, 0),
    contentDigest: contentDigestOf(files, links, folders),
  };
}
