import type { ImageManifest } from '../oci/manifest.ts';
import { DOCKER_CONFIG, essenceOf, OCI_CONFIG } from '../oci/media-types.ts';
import { isImageLayer, TITLE } from './layer/layer-kinds.ts';
import type { LayerPlan } from './layer/layer-plan.ts';

/**
 * How archives are read. `artifact`: strictly, where readers disagree it is refused. `image`: as containerd and umoci
 * unpack a container's root.
 */
export type Reading = 'artifact' | 'image';

const IMAGE_CONFIGS: ReadonlySet<string> = new Set([OCI_CONFIG, DOCKER_CONFIG]);

/**
 * The one place that decides it, by the manifest, which the digest proves: the config says that it is an image, and
 * all that is unpacked are layers of images. What `crane append` and imgpkg push has such a config and is read as an
 * image, because that is what their own readers do. ORAS may be told to push any config: where every layer has a
 * title, it is files for all that. One layer that was chosen as Flux chooses it is no root of a container either.
 */
export function readingOf({ config, layers }: ImageManifest, plan: LayerPlan): Reading {
  const isImage =
    IMAGE_CONFIGS.has(essenceOf(config.mediaType)) &&
    plan.every((step) => step.action === 'untar' && step.whiteouts && isImageLayer(step.layer.mediaType)) &&
    !layers.every(({ annotations }) => (annotations?.[TITLE] ?? '') !== '');
  return isImage ? 'image' : 'artifact';
}
