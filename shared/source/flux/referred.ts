import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import type { YamlDocument } from '../file/yaml-document.ts';
import { formatPlace, type Place } from '../problem.ts';
import type { Notice } from '../source.ts';
import { inClusterWords, readInCluster } from './in-cluster.ts';
import { objectId } from './kinds.ts';
import { type MappedSource, type ReadObject, readObject, secretsNamed } from './mapped-object.ts';
import { type FluxProvider, fluxProvider } from './notify/notify-provider.ts';
import { fluxReceiver } from './receiver/flux-receiver.ts';
import {
  type HelmChart,
  type HelmRepository,
  helmChart,
  helmRepository,
  type ImageRepository,
  imageRepository,
} from './schema.ts';
import { collectSecrets, definedTwice, type FluxSecrets } from './secrets.ts';

/** What objects refer to, from all documents; by `namespace/name`. */
export interface Referred {
  readonly secrets: FluxSecrets;
  readonly repositories: ReadonlyMap<string, ReadObject<HelmRepository>>;
  readonly images: ReadonlyMap<string, ReadObject<ImageRepository>>;
  readonly providers: ReadonlyMap<string, ReadObject<FluxProvider>>;
  readonly charts: ReadonlyMap<string, ReadObject<HelmChart>>;
  /** `kind namespace/name` of what is refused, and why whoever names it is: it is defined twice, or cannot be read. */
  readonly refused: ReadonlyMap<string, string>;
  /** `Kustomization namespace/name` and `HelmRelease namespace/name` of all that ask for a deploy. */
  readonly deploys: readonly string[];
  /** What those read from the cluster: `ConfigMap namespace/name`, by the deploy that does. */
  readonly inCluster: ReadonlyMap<string, string>;
  /** `namespace/name` of the Secrets of Receivers. */
  readonly receiverSecrets: readonly string[];
}

interface Identified {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: unknown;
}

/** By `namespace/name`; of two that say other things neither may decide, and both are told. */
function byId<T extends Identified>(
  kind: string,
  objects: readonly ReadObject<T>[],
  refused: Map<string, string>,
): ReadonlyMap<string, ReadObject<T>> {
  const found = new Map<string, ReadObject<T>>();
  for (const each of objects) {
    const id = `${each.object.metadata.namespace}/${each.object.metadata.name}`;
    const first = found.get(id);
    if (first === undefined) found.set(id, each);
    else if (!isDeepStrictEqual(first.object.spec, each.object.spec))
      refused.set(`${kind} ${id}`, definedTwice(first.document.placeOf([]), each.document.placeOf([])));
  }
  return found;
}

const readable = <Schema extends z.ZodType>(
  schema: Schema,
  documents: readonly YamlDocument[],
): readonly ReadObject<z.output<Schema>>[] =>
  documents.flatMap((document) => {
    const result = readObject(schema, document);
    return 'read' in result ? [result.read] : [];
  });

/** Kinds that come to deploys. */
export const FLUX_DEPLOY_KINDS = ['Kustomization', 'HelmRelease'] as const;

export function referredIn(
  documentsOf: (kind: string) => readonly YamlDocument[],
  unreadable: ReadonlyMap<string, string>,
): Referred {
  const refused = new Map(unreadable);
  const deploys = FLUX_DEPLOY_KINDS.flatMap((kind) =>
    documentsOf(kind).map((document) => [kind, document] as const),
  );
  return {
    deploys: deploys.map(([kind, document]) => `${kind} ${objectId(document)}`),
    inCluster: readInCluster(deploys),
    receiverSecrets: documentsOf('Receiver').flatMap((document) => {
      const result = readObject(fluxReceiver, document);
      if (!('read' in result)) return [];
      const { metadata, spec } = result.read.object;
      return spec.secretRef === undefined ? [] : [`${metadata.namespace}/${spec.secretRef.name}`];
    }),
    secrets: collectSecrets(documentsOf('Secret')),
    repositories: byId('HelmRepository', readable(helmRepository, documentsOf('HelmRepository')), refused),
    charts: byId('HelmChart', readable(helmChart, documentsOf('HelmChart')), refused),
    images: byId('ImageRepository', readable(imageRepository, documentsOf('ImageRepository')), refused),
    providers: byId('Provider', readable(fluxProvider, documentsOf('Provider')), refused),
    refused,
  };
}

const notice = (place: Place, message: string): Notice => ({ place: formatPlace(place), message });

/** Tells of what names a registry, or a way to it, and is named by no source. */
export function unusedNotices(
  { secrets, repositories, images, providers, receiverSecrets, inCluster, refused }: Referred,
  mapped: readonly MappedSource[],
): readonly Notice[] {
  const documents = new Set(mapped.map(({ access }) => access.document));
  const named = new Set([
    ...receiverSecrets,
    ...mapped.flatMap(secretsNamed),
    ...[...providers.values()].map(
      ({ object: { metadata, spec } }) => `${metadata.namespace}/${spec.secretRef?.name}`,
    ),
  ]);
  const unused = <T>(
    kind: string,
    all: ReadonlyMap<string, ReadObject<T>>,
  ): readonly (readonly [string, ReadObject<T>])[] =>
    [...all].filter(([id, { document }]) => !documents.has(document) && !refused.has(`${kind} ${id}`));
  return [
    ...unused('HelmRepository', repositories)
      .filter(([, { object }]) => object.spec.type === 'oci')
      .map(([id, { document }]) =>
        notice(
          document.placeOf([]),
          `HelmRepository ${id} names a registry and no chart of it; what is watched are the charts that a HelmRelease or HelmChart takes from it`,
        ),
      ),
    ...unused('ImageRepository', images).map(([id, { document }]) =>
      notice(
        document.placeOf([]),
        `ImageRepository ${id} says which image, and no ImagePolicy which of its tags; add one, or write a source with a ref`,
      ),
    ),
    ...[...secrets.byId]
      .filter(([id]) => !named.has(id))
      .map(([id, { place }]) => {
        const by = inCluster.get(`Secret ${id}`);
        const unused = `Secret ${id} is not used: no source of these documents names it`;
        return notice(place, by === undefined ? unused : inClusterWords(`Secret ${id}`, by));
      }),
  ];
}
