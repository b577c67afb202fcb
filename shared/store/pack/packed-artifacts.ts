import type { Clock } from '../../clock.ts';
import type { ArtifactStore } from '../../model/artifact-store.ts';
import { isPacked } from '../../model/packed.ts';
import type { PackReader } from './pack-reader.ts';

/** How files of either layout are read; `under` has what is stored. `forget`: of an artifact that goes. */
export function packedReads(under: Pick<ArtifactStore, 'open' | 'record'>, clock: Pick<Clock, 'now'>) {
  let reader: PackReader | undefined;
  const open: ArtifactStore['open'] = async (id, path, options) => {
    if (!isPacked(id)) return under.open(id, path, options);
    // Loaded by who has packed artifacts.
    const { PackReader: Reader } = await import('./pack-reader.ts');
    reader ??= new Reader(under, clock);
    return reader.open(id, path, options);
  };
  return { open, forget: (id: Parameters<PackReader['forget']>[0]): void => reader?.forget(id) };
}

/**
 * A store that packs the files of artifacts whose variant says so, on any store: their files are few of its own, each with
 * many of theirs one behind the other; where each is stands in the commit record.
 */
export function packedArtifacts(under: ArtifactStore, clock: Pick<Clock, 'now'>): ArtifactStore {
  const { open, forget } = packedReads(under, clock);
  return {
    ...under,
    open,
    stage: async (id, options) => {
      const staging = await under.stage(id, options);
      if (!isPacked(id)) return staging;
      const { PackStaging } = await import('./pack-staging.ts');
      return new PackStaging(staging, { id, ...options });
    },
    remove: async (id, options) => {
      forget(id);
      return under.remove(id, options);
    },
  };
}
