import { formatDuration } from '../shared/duration.ts';
import { formatSourceId } from '../shared/model/ids.ts';
import type { Composed } from '../shared/source/composed/composed.ts';
import type { Source } from '../shared/source/source.ts';

const place = ({ from, to }: Composed['include'][number]): string =>
  `${from ?? 'all of it'}${to === undefined ? '' : ` → ${to}`}`;

const written = ({ marker, name, pinned, path }: Composed['images'][number]): string =>
  [
    marker === undefined ? undefined : `where a marker names ${marker}`,
    name === undefined ? undefined : `in the image ${name} of a kustomization`,
    path === undefined ? undefined : `in ${path}`,
    pinned === true ? 'with its digest' : undefined,
  ]
    .filter((each) => each !== undefined)
    .join(', ');

/** What a composed source is made of, and what wakes it: nothing is asked of a registry for it. Pure. */
export function explainComposed(
  { composed, url, suspend, intervalMs, ...id }: Source,
  { include, images, onClash, isVerified }: Composed,
): readonly string[] {
  const standing = suspend
    ? 'suspended'
    : `woken by its parts, looked at every ${formatDuration(intervalMs)}`;
  return [
    `${formatSourceId(id)}  ${url}  ${standing}`,
    'composed of',
    ...include.map((part) => `  ${part.source}: ${place(part)}`),
    ...(images.length === 0 ? [] : ['with the images of']),
    ...images.map((image) => `  ${image.source}: ${written(image)}`),
    onClash === 'last'
      ? 'of two parts with one path the later counts'
      : 'two parts with one path are refused',
    ...(isVerified === true ? ['lands only where each part is known to be signed'] : []),
    'landfall explain PART says of each what it resolves to, and by which credential',
  ];
}
