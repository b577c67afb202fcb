import type { Readable } from 'node:stream';
import type { FileWriter, StagedTree } from '../../model/artifact-store.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { UnpackBudget } from '../budget.ts';
import { isIgnoreFile, type PathFilter } from '../ignore.ts';
import type { Reading } from '../reading.ts';
import { StagedFile } from '../staged-file.ts';
import type { Tree } from '../tree.ts';
import type { Union } from '../union.ts';
import { UnionVisitor } from '../union-visitor.ts';
import { algorithmsOf } from './diff-id.ts';
import type { LayerStep } from './layer-plan.ts';
import { AgainVisitor, type WantedAgain } from './read-again.ts';
import { copyLayer, type ReadLayerInput, untarLayer } from './read-layer.ts';

/** Bytes of one layer that have come so far. */
interface LayerProgress {
  readonly digest: Digest;
  readonly received: number;
  readonly size: number;
}

/** What reading any layer of an artifact needs. */
export interface LayerReading {
  /** The blob's bytes, unproven: they are hashed and counted here. */
  readonly openBlob: (layer: Descriptor) => Promise<Readable>;
  readonly staging: StagedTree;
  readonly budget: UnpackBudget;
  /** Bytes that stand before every path where it is stored. */
  readonly prefixBytes: number;
  readonly reading: Reading;
  readonly tree: Tree;
  readonly isIgnored: PathFilter;
  /** By a layer's digest, those that its tar has to have; see image/diff-ids.ts. */
  readonly diffIds?: ReadonlyMap<Digest, readonly Digest[]>;
  readonly signal?: AbortSignal;
  readonly onProgress?: (fact: LayerProgress) => void;
  /** Called with what is worth knowing of a layer and is no failure. */
  readonly onNote?: (note: string) => void;
}

const FILE_MODE = 0o644;

/** Reads one layer to its true end, whether or not anything of it is still wanted. */
export async function readStep(step: LayerStep, union: Union, reading: LayerReading): Promise<void> {
  if (step.action === 'file' || step.action === 'archive') return copyFile(step, union, reading);
  const { tree, staging, isIgnored } = reading;
  const visitor = new UnionVisitor(tree, staging, {
    whiteouts: step.action === 'untar' && step.whiteouts,
    ...(step.action === 'untar-under' && { under: step.path }),
    isIgnored,
    budget: reading.budget,
    union,
  });
  await untarLayer(await openStep(step, reading), visitor);
  visitor.finish();
  if (visitor.wantedAgain.size > 0) await readAgain(step, visitor.wantedAgain, reading);
}

/** Reads a layer once more, for what was passed by. It was charged for once, and is held to the same limits. */
export async function readAgain(step: LayerStep, wanted: WantedAgain, reading: LayerReading): Promise<void> {
  const { onProgress, ...silent } = reading;
  const input = await openStep(step, { ...silent, budget: new UnpackBudget(reading.budget.limits) });
  await untarLayer(input, new AgainVisitor(wanted, { staging: reading.staging, ...reading.tree }));
}

export async function openStep({ action, layer }: LayerStep, reading: LayerReading): Promise<ReadLayerInput> {
  const { budget, prefixBytes, signal, staging, onNote, onProgress } = reading;
  const { digest, size } = layer;
  const diffIds = reading.diffIds?.get(digest);
  const isTar = action !== 'file' && action !== 'archive';
  const behind = isTar
    ? staging.writeBehind?.({ bytes: size, algorithms: algorithmsOf(diffIds ?? []) })
    : undefined;
  return {
    blob: await reading.openBlob(layer),
    descriptor: layer,
    budget,
    prefixBytes,
    reading: reading.reading,
    diffIds,
    behind,
    ...(signal && { signal }),
    // The media type of a single file promises nothing.
    ...(onNote && action !== 'file' && { onNote }),
    ...(onProgress && { onProgress: (received: number) => onProgress({ digest, received, size }) }),
  };
}

type CopyStep = Extract<LayerStep, { readonly action: 'file' | 'archive' }>;

/**
 * The blob is the file. It is asked for once there is somewhere to put it: a stream that nobody listens to any more
 * brings the program down when it fails.
 */
async function copyFile(step: CopyStep, union: Union, reading: LayerReading): Promise<void> {
  const { tree, staging, isIgnored } = reading;
  const { path } = step;
  const { size } = step.layer;
  const wanted = union.admit(path, 'file') === 'new' && !isIgnored(path);
  const writer = wanted ? await staging.create(path, size, FILE_MODE) : undefined;
  const file = new StagedFile({ path, size, mode: FILE_MODE }, writer);
  const input = await openStep(step, reading);
  await copyLayer(input, wanted && isIgnoreFile(path) ? remembering(path, file, tree) : file);
  if (wanted) tree.files.set(path, file.entry());
}

const remembering = (path: string, file: FileWriter, { ignoreTexts }: Tree): FileWriter => ({
  write: (chunk) => {
    ignoreTexts.add(path, chunk);
    return file.write(chunk);
  },
  close: () => file.close(),
});
