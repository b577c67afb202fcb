import type { Composition } from '../model/composition.ts';
import { COMPOSITION_TYPE } from '../model/composition.ts';
import type { PartAt } from '../model/part-at.ts';
import type { Composed } from '../source/composed/composed.ts';

/**
 * What a source is composed of, where its parts are at what `at` says of them by `namespace/name`; undefined where it says
 * nothing of one. Pure: two that know the same of the parts come to the same.
 */
export function compositionOf(
  { include, images, onClash }: Composed,
  at: (name: string) => PartAt | undefined,
): Composition | undefined {
  const included = include.map(({ source, from, to }) => {
    const part = at(source);
    return (
      part && {
        source,
        revision: part.revision,
        digest: part.digest,
        variant: part.variant,
        ...(from !== undefined && { from }),
        ...(to !== undefined && { to }),
      }
    );
  });
  const written = images.map(({ source, marker, name, pinned, path }) => {
    const part = at(source);
    return (
      part && {
        source,
        revision: part.revision,
        digest: part.digest,
        image: part.url.replace(/^oci:\/\//, ''),
        ...(marker !== undefined && { marker }),
        ...(name !== undefined && { name }),
        ...(pinned !== undefined && { pinned }),
        ...(path !== undefined && { path }),
      }
    );
  });
  const isWhole = [...included, ...written].every((each) => each !== undefined);
  if (!isWhole) return undefined;
  return {
    mediaType: COMPOSITION_TYPE,
    onClash,
    include: included.filter((each) => each !== undefined),
    images: written.filter((each) => each !== undefined),
  };
}
