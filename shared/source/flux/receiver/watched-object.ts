import { isObject } from '../../../kernel/json.ts';
import { parseRepository, type Repository } from '../../../oci/reference.ts';
import type { YamlDocument } from '../../file/yaml-document.ts';
import type { Source } from '../../source.ts';
import { idIn, type MappedSource } from '../mapped-object.ts';
import type { FluxResource } from './flux-receiver.ts';

/** An object of Flux's that a source is made of, as a Receiver's resources name it. */
export interface WatchedObject {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, unknown>>;
  readonly repository: Repository;
}

/** Ends the name of the part that follows a composed source's own url. */
const BASE = '.base';

const recordOf = (value: unknown): Readonly<Record<string, unknown>> => (isObject(value) ? value : {});

const objectIn = (document: YamlDocument, repository: Repository): WatchedObject => {
  const { kind, metadata } = recordOf(document.value);
  const labels = recordOf(recordOf(metadata)['labels']);
  return { kind: String(kind), ...idIn(document), labels, repository };
};

/** What a document calls one of ours: of a composed source its own url is followed by a part that no document names. */
function ourObject(source: Source, ours: readonly Source[]): WatchedObject {
  const { namespace, name, repository } = source;
  const whole = name.endsWith(BASE) ? name.slice(0, -BASE.length) : undefined;
  const { labels, name: called } =
    ours.find((each) => each.namespace === namespace && each.name === whole) ?? source;
  return { kind: 'OCIRepository', namespace, name: called, labels, repository };
}

/** Of each source its own object, and the repository object that it is reached by; one of ours goes for an OCIRepository. */
export function watchedObjects(
  mapped: readonly MappedSource[],
  ours: readonly Source[],
): readonly WatchedObject[] {
  return [
    ...ours.filter(({ composed }) => composed === undefined).map((source) => ourObject(source, ours)),
    ...mapped.flatMap(({ document, access, entry }) => {
      const repository = parseRepository(String(entry['url']));
      return [...new Set([document, access.document])].map((each) => objectIn(each, repository));
    }),
  ];
}

/** What a resource means: an object, or with `*` all of its kind and namespace that have the labels. */
export const watchedBy = (
  { kind, name, namespace, matchLabels }: FluxResource,
  own: string,
  watched: readonly WatchedObject[],
): readonly WatchedObject[] =>
  watched.filter(
    (each) =>
      each.kind === kind &&
      each.namespace === (namespace ?? own) &&
      (name === '*'
        ? Object.entries(matchLabels ?? {}).every(([key, value]) => each.labels[key] === value)
        : each.name === name),
  );
