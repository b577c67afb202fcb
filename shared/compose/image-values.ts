import { LandfallError } from '../errors.ts';
import type { WrittenRevision } from '../model/composition.ts';
import { parseRevision } from '../oci/revision.ts';

/** What can be written of an image. */
export interface ImageValues {
  /** `image:tag`, `image:tag@digest` where it is pinned, `image@digest` where it has no tag. */
  readonly whole: string;
  readonly image: string;
  /** Undefined: its source follows a digest. */
  readonly tag: string | undefined;
  readonly digest: string;
}

export function imageValues({ image, revision, digest, pinned }: WrittenRevision): ImageValues {
  const tag = parseRevision(revision)?.tag ?? undefined;
  const named = tag === undefined ? image : `${image}:${tag}`;
  return {
    whole: pinned === true || tag === undefined ? `${named}@${digest}` : named,
    image,
    tag,
    digest,
  };
}

/** @throws LandfallError COMPOSE_REFUSED */
export function tagOf({ source }: WrittenRevision, { tag, digest }: ImageValues): string {
  if (tag !== undefined) return tag;
  throw new LandfallError('COMPOSE_REFUSED', `${source} follows ${digest} and has no tag to be written`, {
    hint: 'Give its ref a tag, or write the digest: a marker that ends in ":digest", or the whole image.',
  });
}

/**
 * By the name of its setter, as Flux has them: `namespace:name` is the whole image, and `:tag`, `:name` and `:digest`
 * behind it are parts. A tag that is not there is only missed where it is wanted.
 * @see https://github.com/fluxcd/image-automation-controller/blob/v1.2.1/internal/update/setters.go
 */
export function setterOf(
  setter: string,
  images: readonly WrittenRevision[],
): { readonly image: WrittenRevision; readonly value: string } | undefined {
  for (const image of images) {
    const { marker } = image;
    if (marker === undefined || !setter.startsWith(marker)) continue;
    const values = imageValues(image);
    switch (setter.slice(marker.length)) {
      case '':
        return { image, value: values.whole };
      case ':tag':
        return { image, value: tagOf(image, values) };
      case ':name':
        return { image, value: values.image };
      case ':digest':
        return { image, value: values.digest };
    }
  }
  return undefined;
}
