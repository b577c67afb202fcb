import { Readable } from 'node:stream';
import type { ArtifactStore, FileWriter, Staging } from '../../../shared/model/artifact-store.ts';
import type { Bus } from '../../../shared/model/envelope.ts';
import type { RegistryReader } from '../../../shared/registry/client.ts';
import type { ObjectStore } from '../../../shared/store/object-store.ts';
import type { Store } from '../../../shared/store/store.ts';

export type PortName = 'registry' | 'store' | 'bus' | 'deployer' | 'queue';

/**
 * Stands between a run and a port: may let the call through, fail it before or after its effect, or not answer until the
 * call's own signal ends it.
 */
export type Gate = <T>(
  port: PortName,
  call: string,
  effect: () => Promise<T> | T,
  signal?: AbortSignal,
) => Promise<T>;

/** No fault at all. */
export const through: Gate = async (_port, _call, effect) => effect();

export function gateObjects(objects: ObjectStore, gate: Gate): ObjectStore {
  return {
    get: (key, options) => gate('store', `get ${key}`, () => objects.get(key, options), options?.signal),
    putIfAbsent: (key, bytes, options) =>
      gate('store', `putIfAbsent ${key}`, () => objects.putIfAbsent(key, bytes, options), options?.signal),
    replace: (key, bytes, version, options) =>
      gate('store', `replace ${key}`, () => objects.replace(key, bytes, version, options), options?.signal),
    list: (prefix, options) => objects.list(prefix, options),
    delete: (keys, options) => gate('store', 'delete', () => objects.delete(keys, options), options?.signal),
  };
}

function gateWriter(writer: FileWriter, path: string, gate: Gate): FileWriter {
  return {
    write: (chunk) => gate('store', `write ${path}`, () => writer.write(chunk)),
    close: () => gate('store', `close ${path}`, () => writer.close()),
  };
}

function gateStaging(staging: Staging, gate: Gate): Staging {
  return {
    create: async (path, size, mode) =>
      gateWriter(await gate('store', `create ${path}`, () => staging.create(path, size, mode)), path, gate),
    copy: (from, to) => gate('store', `copy ${from}`, () => staging.copy(from, to)),
    take: (file, to) => gate('store', `take ${to}`, () => staging.take(file, to)),
    remove: (paths) => gate('store', 'remove staged', () => staging.remove(paths)),
    commit: (record) => gate('store', 'commit', () => staging.commit(record)),
    discard: (options) => gate('store', 'discard', () => staging.discard(options), options?.signal),
  };
}

function gateArtifacts(artifacts: ArtifactStore, gate: Gate): ArtifactStore {
  return {
    stage: async (id, options) =>
      gateStaging(await gate('store', 'stage', () => artifacts.stage(id, options), options?.signal), gate),
    record: (id, options) => gate('store', 'record', () => artifacts.record(id, options), options?.signal),
    open: (id, path, options) =>
      gate('store', `open ${path}`, () => artifacts.open(id, path, options), options?.signal),
    remove: (id, options) => gate('store', 'remove', () => artifacts.remove(id, options), options?.signal),
    list: (options) => artifacts.list(options),
  };
}

export const gateStore = (store: Store, gate: Gate): Store => ({
  objects: gateObjects(store.objects, gate),
  artifacts: gateArtifacts(store.artifacts, gate),
  sweep: (options) => gate('store', 'sweep', () => store.sweep(options), options.signal),
});

export const gateBus = (bus: Bus, gate: Gate): Bus => ({
  emit: (events, options) =>
    gate(
      'bus',
      `emit ${events.map(({ id }) => id).join(' ')}`,
      () => bus.emit(events, options),
      options?.signal,
    ),
});

/** A body can break off in the middle: it comes in two halves, with a gate between. */
async function* halves(body: Readable, digest: string, gate: Gate): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.concat(await body.toArray());
  const middle = bytes.length >> 1;
  yield bytes.subarray(0, middle);
  await gate('registry', `body ${digest}`, () => undefined);
  yield bytes.subarray(middle);
}

export function gateRegistry(registry: RegistryReader, gate: Gate): RegistryReader {
  return {
    peek: (repository, tag, options) =>
      gate('registry', `peek ${tag}`, () => registry.peek(repository, tag, options)),
    manifest: (repository, reference, options) =>
      gate('registry', `manifest ${reference}`, () => registry.manifest(repository, reference, options)),
    blob: async (repository, layer, options) => {
      const body = await gate('registry', `blob ${layer.digest}`, () =>
        registry.blob(repository, layer, options),
      );
      return Readable.from(halves(body, layer.digest, gate), { objectMode: false });
    },
    tags: (repository, options) => gate('registry', 'tags', () => registry.tags(repository, options)),
    referrers: (repository, digest, options) =>
      gate('registry', 'referrers', () => registry.referrers(repository, digest, options)),
  };
}
