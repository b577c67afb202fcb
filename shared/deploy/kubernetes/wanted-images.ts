import { qualifiedSource } from '../../model/ids.ts';
import type { Using } from '../../model/used-revision.ts';
import { deployUnavailable } from '../kit/failures.ts';
import type { KubernetesSettings } from './kubernetes-settings.ts';

type Image = KubernetesSettings['images'][number];

/** @throws LandfallError DEPLOY_UNAVAILABLE where its source has landed nothing */
function wantedImage({ source, ...image }: Image, { uses = [] }: Using): Image {
  if (source === undefined) return image;
  const used = uses.find((each) => each.source === qualifiedSource(source));
  if (used === undefined)
    throw deployUnavailable(`images: ${source}, which image ${image.name} is of, has landed nothing`, {
      hint: `Land it first: landfall reconcile ${source}`,
    });
  const { tag, digest } = used;
  return { ...image, digest, ...(tag !== null && { newTag: tag }) };
}

/** Images as kustomize is told them: tag and digest of other sources in the place of their names. */
export const wantedImages = (images: readonly Image[], using: Using): readonly Image[] =>
  images.map((image) => wantedImage(image, using));
