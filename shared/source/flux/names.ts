import { createHash } from 'node:crypto';
import { formatSourceId, type SourceId } from '../../model/ids.ts';

/** An object that comes to a source, by what it is called in Kubernetes. */
export interface NamedObject extends SourceId {
  readonly kind: string;
}

const NAME_CHARACTERS = 63;
const HASH_CHARACTERS = 8;

/** Cut where it is too long for a name, and told apart by its hash then. */
export function fittingName(name: string): string {
  if (name.length <= NAME_CHARACTERS) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_CHARACTERS);
  return `${name.slice(0, NAME_CHARACTERS - HASH_CHARACTERS - 1).replace(/-+$/, '')}-${hash}`;
}

/** Kinds that give way, and how they are called then: a release as Flux calls the chart it makes of it. */
const GIVE_WAY: readonly (readonly [kind: string, instead: (id: SourceId) => string])[] = [
  ['HelmRelease', ({ namespace, name }) => `${namespace}-${name}`],
  ['HelmChart', ({ name }) => `${name}-chart`],
  ['ImagePolicy', ({ name }) => `${name}-image`],
];

/**
 * The names of sources made of objects. Each kind has names of its own in Kubernetes, sources have one set of them. So
 * an object goes by its own name; where a source of ours, an OCIRepository or a kind before its own has that, by another.
 * The kind decides, not the order of documents: what gives way does so wherever it stands.
 */
export function sourceNames<T extends NamedObject>(
  objects: readonly T[],
  ours: ReadonlySet<string>,
): ReadonlyMap<T, string> {
  const givesWay = new Set(GIVE_WAY.map(([kind]) => kind));
  const names = new Map<T, string>();
  const taken = new Set(ours);
  for (const object of objects.filter(({ kind }) => !givesWay.has(kind))) {
    names.set(object, object.name);
    taken.add(formatSourceId(object));
  }
  for (const [kind, instead] of GIVE_WAY) {
    const named = objects
      .filter((object) => object.kind === kind)
      .map((object) => {
        const isFree = !taken.has(formatSourceId(object));
        return [object, isFree ? object.name : fittingName(instead(object))] as const;
      });
    for (const [object, name] of named) {
      names.set(object, name);
      taken.add(formatSourceId({ namespace: object.namespace, name }));
    }
  }
  return names;
}
