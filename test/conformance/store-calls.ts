import type { ArtifactStore } from '../../shared/model/artifact-store.ts';
import type { ObjectStore } from '../../shared/store/object-store.ts';
import type { Store } from '../../shared/store/store.ts';
import type { Calls } from './ended-calls.ts';
import { fileEntry, ID, recordOf, type Tree, writeFile } from './planted-artifacts.ts';

export const STATUS = 'sources/web/site/status.json';
const BYTES = Buffer.from('{}');

export const OBJECT_CALLS: Calls<ObjectStore> = {
  get: (store, options) => store.get(STATUS, options),
  putIfAbsent: (store, options) => store.putIfAbsent(STATUS, BYTES, options),
  'replace of nothing': (store, options) => store.replace(STATUS, BYTES, undefined, options),
  'replace of a version': (store, options) => store.replace(STATUS, BYTES, '"version"', options),
  list: (store, options) => Array.fromAsync(store.list('', options)),
  delete: (store, options) => store.delete([STATUS], options),
};

const TREE: Tree = { 'a.yaml': 'a: 1\n' };

export const ARTIFACT_CALLS: Calls<ArtifactStore> = {
  stage: (store, options) => store.stage(ID, options),
  record: (store, options) => store.record(ID, options),
  open: (store, options) => store.open(ID, 'a.yaml', options),
  remove: (store, options) => store.remove(ID, options),
  list: (store, options) => Array.fromAsync(store.list(options)),
};

export const STORE_CALLS: Calls<Pick<Store, 'sweep'>> = {
  sweep: (store, options) => store.sweep({ before: 0, dryRun: false, ...options }),
};

/** A staging has one signal, and keeps it: here it aborts when files are there already. */
const staged =
  (
    then: (staging: Awaited<ReturnType<ArtifactStore['stage']>>) => Promise<unknown>,
  ): Calls<ArtifactStore>[string] =>
  async (store, { signal }) => {
    const controller = new AbortController();
    const staging = await store.stage(ID, { signal: controller.signal });
    try {
      for (const [path, content] of Object.entries(TREE)) await writeFile(staging, path, content);
      if (signal?.aborted === true) controller.abort(signal.reason);
      else signal?.addEventListener('abort', () => controller.abort(signal.reason), { once: true });
      return await then(staging);
    } finally {
      await staging.discard({ signal: AbortSignal.timeout(200) }).catch(() => undefined);
    }
  };

export const STAGING_CALLS: Calls<ArtifactStore> = {
  create: staged((staging) => writeFile(staging, 'b.yaml', 'b')),
  copy: staged((staging) => staging.copy('a.yaml', 'c.yaml')),
  'taking a file': staged((staging) =>
    staging.take({ artifact: ID, entry: fileEntry('a.yaml', 'a: 1\n') }, 'd.yaml'),
  ),
  'remove of a file': staged((staging) => staging.remove(['a.yaml'])),
  commit: staged((staging) => staging.commit(recordOf(ID, TREE))),
};
