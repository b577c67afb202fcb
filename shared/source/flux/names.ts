import { createHash } from 'node:crypto';
import { formatSourceId, type SourceId } from '../../model/ids.ts';

/** An object that comes to a source, by what it is called in Kubernetes. */
export interface NamedObject extends SourceId {
  readonly kind: string;
}

const NAME_CHARACTERS = 63;
const HASH_CHARACTERS = 8;

const withoutDots = (name: string): string => name.replaceAll('.', '-');

function hashed(name: string): string {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_CHARACTERS);
  const start = withoutDots(name).slice(0, NAME_CHARACTERS - HASH_CHARACTERS - 1);
  return `${start.replace(/-+$/, '')}-${hash}`;
}

/**
 * A name of Kubernetes as one of ours: with `-` for its dots; cut where it is too long, and told apart by its hash then.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ DNS subdomains, of 253 characters
 */
export const fittingName = (name: string): string =>
  name.length <= NAME_CHARACTERS ? withoutDots(name) : hashed(name);

/** The same for what has its ledger or address by its name: told apart by a hash wherever it is not the name itself, whoever else is there. */
export const distinctName = (name: string): string => (fittingName(name) === name ? name : hashed(name));

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
  const take = (object: T, name: string): void => {
    names.set(object, name);
    taken.add(formatSourceId({ namespace: object.namespace, name }));
  };
  const isFree = ({ namespace }: T, name: string, among: ReadonlySet<string>): boolean =>
    !among.has(formatSourceId({ namespace, name }));
  /**
   * Of one kind: those first that have a name of ours as it is, and those that keep theirs before those that give way.
   * Two of one name are told of by whoever reads on.
   */
  const takeAll = (some: readonly T[], instead: (id: SourceId) => string): void => {
    for (const isExact of [true, false]) {
      const before = new Set(taken);
      const these = some.filter(({ name }) => (fittingName(name) === name) === isExact);
      const keeps = (object: T): boolean => isFree(object, fittingName(object.name), before);
      for (const object of these.filter(keeps)) take(object, fittingName(object.name));
      const after = new Set(taken);
      for (const object of these.filter((each) => !keeps(each))) {
        const name = fittingName(instead(object));
        const isOwn = name === fittingName(object.name);
        take(object, isOwn || isFree(object, name, after) ? name : hashed(instead(object)));
      }
    }
  };
  takeAll(
    objects.filter(({ kind }) => !givesWay.has(kind)),
    ({ name }) => distinctName(name),
  );
  for (const [kind, instead] of GIVE_WAY)
    takeAll(
      objects.filter((object) => object.kind === kind),
      instead,
    );
  return names;
}
