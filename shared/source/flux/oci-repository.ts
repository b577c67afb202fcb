import { labelsOf, type MappedSource, type ReadObject } from './mapped-object.ts';
import type { OciRepository } from './schema.ts';

type FluxRef = OciRepository['spec']['ref'];

/** Flux takes digest over semver over tag and leaves the rest unread; so do we, and say so. */
function mapRef({ digest, semver, semverFilter, tag }: FluxRef): {
  readonly ref: Readonly<Record<string, string>>;
  readonly unread: readonly string[];
} {
  const given = (['semver', 'semverFilter', 'tag'] as const).filter((key) =>
    key === 'semver' ? semver !== undefined : key === 'tag' ? tag !== undefined : semverFilter !== undefined,
  );
  const without = (...used: readonly string[]): readonly string[] =>
    given.filter((key) => !used.includes(key));
  if (digest !== undefined) return { ref: { digest }, unread: without() };
  if (semver !== undefined) {
    const filter = semverFilter === undefined ? {} : { filter: semverFilter };
    return { ref: { semver, ...filter }, unread: without('semver', 'semverFilter') };
  }
  return { ref: tag === undefined ? {} : { tag }, unread: without('tag') };
}

/** Maps Flux's OCIRepository onto a source. */
export function mapOciRepository({ document, object }: ReadObject<OciRepository>): MappedSource {
  const { metadata, spec } = object;
  const { ref, unread } = mapRef(spec.ref);
  const { mediaType, operation } = spec.layerSelector;
  const { timeout, ignore } = spec;
  return {
    document,
    entry: {
      name: metadata.name,
      namespace: metadata.namespace,
      url: spec.url,
      ref,
      interval: spec.interval,
      labels: labelsOf(metadata.labels),
      suspend: spec.suspend,
      unpack: { mode: operation === 'copy' ? 'archive' : 'files' },
      ...(mediaType !== undefined && { layers: { mediaType } }),
      ...(timeout !== undefined && { timeout }),
      ...(ignore !== undefined && { ignore }),
    },
    access: { spec, namespace: metadata.namespace, document },
    notices: unread.map((key) => ({
      place: document.placeOfKey(['spec', 'ref'], key),
      message: `${key} is not read beside what comes before it: digest, semver, tag`,
    })),
  };
}
