import type { ImageManifest } from '../../oci/manifest.ts';
import { essenceOf } from '../../oci/media-types.ts';
import { quoteName } from '../entry-path.ts';
import type { UnpackOptions } from '../unpack-options.ts';
import { contentLayerType, isAboutContent } from './layer-kinds.ts';
import type { LayerPlan } from './layer-plan.ts';

/**
 * What to say of layers that may be content and that `auto` does not take, since they are no tars and have no title: as
 * a model's weights beside a tar of its papers. Beside Flux's, Helm's and Timoni's content no layer is meant to be taken.
 * undefined: there are none.
 */
export function leftOutNote(
  { layers }: Pick<ImageManifest, 'layers'>,
  plan: LayerPlan,
  options: Pick<UnpackOptions, 'mode' | 'layers'>,
): string | undefined {
  const isAuto = options.mode === 'files' && options.layers === 'auto';
  if (!isAuto || contentLayerType(layers.map(({ mediaType }) => mediaType)) !== undefined) return undefined;
  const taken = new Set<unknown>(plan.map(({ layer }) => layer.digest));
  const left = layers.filter(({ mediaType, digest }) => !isAboutContent(mediaType) && !taken.has(digest));
  const [first] = left;
  if (first === undefined) return undefined;
  const type = quoteName(essenceOf(first.mediaType));
  return `${left.length} of ${layers.length} layers left out, no tars and untitled; the first is ${type}: layers: { mediaType: … } with mode archive takes it`;
}
