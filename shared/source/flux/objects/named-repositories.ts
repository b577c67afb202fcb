import { formatPlace } from '../../problem.ts';
import { UNREAD_OF_REPOSITORY } from '../helm.ts';
import { UNREAD_OF_IMAGES } from '../image.ts';
import type { KubernetesObject } from '../kinds.ts';
import { readObject } from '../mapped-object.ts';
import { helmRepository, imageRepository } from '../schema.ts';
import {
  forOthers,
  isOld,
  isPatch,
  NOTHING,
  notice,
  type Outcome,
  objectSpec,
  patchNotice,
  textIn,
} from './outcome.ts';

export function readHelmRepository(object: KubernetesObject): Outcome {
  const { document, id } = object;
  const { type, url } = objectSpec(document);
  const result = readObject(helmRepository, document);
  const isOci = textIn(url).toLowerCase().startsWith('oci://');
  if (isOci && type !== 'oci')
    return notice(
      `HelmRepository ${id} is not mapped: it has an oci:// url and is not of type oci; write type: oci`,
    );
  if ('read' in result) return type === 'oci' ? forOthers(document, UNREAD_OF_REPOSITORY) : NOTHING;
  if (type !== 'oci' || isPatch(document, 'url') || isOld(result.problems))
    return notice(
      `HelmRepository ${id} is not mapped: ${result.problems[0]?.message ?? 'it cannot be read'}`,
    );
  return { as: 'problems', problems: result.problems };
}

export function readImageRepository(object: KubernetesObject): Outcome {
  const { document } = object;
  if (isPatch(document, 'image')) return patchNotice(object);
  const result = readObject(imageRepository, document);
  return 'read' in result
    ? forOthers(document, UNREAD_OF_IMAGES)
    : { as: 'problems', problems: result.problems };
}

const READERS: Readonly<Record<string, (object: KubernetesObject) => Outcome>> = {
  HelmRepository: readHelmRepository,
  ImageRepository: readImageRepository,
};

/** What others name and is refused, by `kind namespace/name`: why who names it is refused, too. */
export const refusedRepositories = (objects: readonly KubernetesObject[]): ReadonlyMap<string, string> =>
  new Map(
    objects.flatMap((object) => {
      const outcome = READERS[object.kind]?.(object);
      const [problem] = outcome?.as === 'problems' ? outcome.problems : [];
      return problem === undefined
        ? []
        : [[`${object.kind} ${object.id}`, `is refused at ${formatPlace(problem)}`] as const];
    }),
  );
