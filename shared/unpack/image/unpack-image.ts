import { judgeImagePath } from '../entry-path.ts';
import type { LayerPlan } from '../layer/layer-plan.ts';
import { type LayerReading, openStep, readAgain } from '../layer/layer-step.ts';
import { untarLayer } from '../layer/read-layer.ts';
import { listImage } from './image-listing.ts';
import type { ImageFile } from './image-node.ts';
import { placeFiles } from './image-placement.ts';
import { ImageTree } from './image-tree.ts';
import { type ImageSteps, ImageVisitor } from './image-visitor.ts';
import { Shadow } from './shadow.ts';

/**
 * Unpacks a container image as containerd does. The layers are read once, the top one first, so that what upper ones
 * hide is not written; then their steps are applied to a tree in memory, the lowest first. Where a link, a hard link or
 * a later entry made that another tree than the text of the paths had said, what is missing is read a second time.
 * Returns how many devices, named pipes and AUFS's own files were left out.
 * @throws LandfallError as untarLayer does; ENTRY_REFUSED, LINK_REFUSED for an entry that leads nowhere
 */
export async function unpackImage(plan: LayerPlan, reading: LayerReading): Promise<number> {
  const { tree, staging, budget, isIgnored, prefixBytes } = reading;
  const layers = await readLayers(plan, reading);
  const image = new ImageTree(budget);
  for (const [layer, { steps, linkStore }] of layers.entries()) image.apply(layer, steps, linkStore);
  const judge = (path: string): string => judgeImagePath(path, budget.limits, prefixBytes);
  const { elsewhere, devices } = listImage(image.root, tree, { judge, isIgnored });
  const deps = { staging, budget, tree, staged: filesOf(layers) };
  for (const [layer, wanted] of await placeFiles(elsewhere, deps)) {
    const step = plan[layer];
    if (step !== undefined) await readAgain(step, wanted, reading);
  }
  return layers.reduce((sum, { aufsFiles }) => sum + aufsFiles, devices);
}

/** By layer, the lowest first. */
async function readLayers(plan: LayerPlan, reading: LayerReading): Promise<readonly ImageSteps[]> {
  const { staging, isIgnored, tree } = reading;
  const shadow = new Shadow();
  const layers: ImageSteps[] = [];
  for (const [layer, step] of [...plan.entries()].reverse()) {
    const visitor = new ImageVisitor(layer, {
      staging,
      shadow,
      isIgnored,
      ignoreTexts: tree.ignoreTexts,
    });
    if (layers.length > 0) shadow.descend();
    await untarLayer(await openStep(step, reading), visitor);
    layers[layer] = visitor.result;
  }
  return layers;
}

function* filesOf(layers: readonly ImageSteps[]): Generator<ImageFile> {
  for (const { steps } of layers)
    for (const step of steps)
      if (step.does === 'put' && step.node.kind === 'file' && step.node.staged !== undefined) yield step.node;
}
