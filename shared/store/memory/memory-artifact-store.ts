import { Readable } from 'node:stream';
import { type Clock, systemClock } from '../../clock.ts';
import { compareBytes } from '../../kernel/byte-order.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import type { ArtifactStore } from '../../model/artifact-store.ts';
import type { ArtifactId } from '../../model/ids.ts';
import { artifactNotFound } from '../artifact-not-found.ts';
import { formatRecord, parseRecord } from '../commit-record.ts';
import { artifactPrefix, fileKey, parseRecordKey, recordKey } from '../layout.ts';
import { checkKey } from '../object-key.ts';
import type { MemoryObjects } from './memory-object-store.ts';
import { memoryStaging } from './memory-staging.ts';

/** The twin without a disk. `objects` is what the store's object half sees too, under the same keys. */
export function memoryArtifactStore(objects: MemoryObjects, clock: Clock = systemClock): ArtifactStore {
  const used = new Map<string, number>();
  const use = (id: ArtifactId): boolean => {
    checkKey(recordKey(id));
    if (!objects.has(recordKey(id))) return false;
    used.set(recordKey(id), clock.now());
    return true;
  };
  return {
    stage: async (id, { signal } = {}) => {
      checkKey(recordKey(id));
      throwIfCancelled('stage', signal);
      return memoryStaging({ id, signal }, (record, files) => {
        if (use(id)) return 'exists';
        for (const [path, content] of files) objects.set(fileKey(id, path), content);
        objects.set(recordKey(id), formatRecord(record));
        use(id);
        return 'committed';
      });
    },
    record: async (id, options) => {
      checkKey(recordKey(id));
      throwIfCancelled('record', options?.signal);
      const bytes = use(id) ? objects.get(recordKey(id)) : undefined;
      return bytes === undefined ? undefined : parseRecord(bytes, id);
    },
    open: async (id, path, options) => {
      checkKey(fileKey(id, path));
      throwIfCancelled(`open ${path}`, options?.signal);
      const stored = objects.get(fileKey(id, path));
      if (stored === undefined || !objects.has(recordKey(id))) throw artifactNotFound(fileKey(id, path));
      const { offset = 0, size = stored.length } = options?.range ?? {};
      const content = stored.subarray(offset, offset + size);
      return Readable.from(content.length === 0 ? [] : [Buffer.from(content)], { objectMode: false });
    },
    remove: async (id, { unusedSince, dryRun, isNamed, signal } = {}) => {
      checkKey(recordKey(id));
      throwIfCancelled('remove', signal);
      if (unusedSince !== undefined && (used.get(recordKey(id)) ?? 0) > unusedSince) return 'kept';
      if (dryRun) return 'removed';
      const record = objects.get(recordKey(id));
      used.delete(recordKey(id));
      objects.delete(recordKey(id));
      if (record !== undefined && isNamed !== undefined && (await isNamed())) {
        objects.set(recordKey(id), record);
        use(id);
        return 'kept';
      }
      // Another run may have committed it anew meanwhile.
      if (objects.has(recordKey(id))) return 'kept';
      for (const key of [...objects.keys()]) if (key.startsWith(artifactPrefix(id))) objects.delete(key);
      return 'removed';
    },
    list: (options) => listArtifacts(objects, options),
  };
}

async function* listArtifacts(
  objects: MemoryObjects,
  { signal }: CallOptions = {},
): AsyncGenerator<ArtifactId, void, undefined> {
  throwIfCancelled('list', signal);
  for (const key of [...objects.keys()].sort(compareBytes)) {
    throwIfCancelled('list', signal);
    const id = parseRecordKey(key);
    if (id !== undefined && objects.has(key)) yield id;
  }
}
