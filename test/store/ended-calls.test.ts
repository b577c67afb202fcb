import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type DirectoryStore, openDirectoryStore } from '../../shared/store/directory/directory-store.ts';
import { tryLock } from '../../shared/store/directory/exclusive-lock.ts';
import { keyLockPath } from '../../shared/store/directory/key-lock.ts';
import { stageOutput } from '../../shared/store/directory/output-directory.ts';
import { keptRoots } from '../../shared/store/kept-roots.ts';
import { artifactPrefix } from '../../shared/store/layout.ts';
import { openMemoryStore } from '../../shared/store/memory/memory-store.ts';
import { type Calls, endedCallsSuite } from '../conformance/ended-calls.ts';
import { ID, writeFile } from '../conformance/planted-artifacts.ts';
import {
  ARTIFACT_CALLS,
  OBJECT_CALLS,
  STAGING_CALLS,
  STATUS,
  STORE_CALLS,
} from '../conformance/store-calls.ts';
import { folder } from './support/folder.ts';

const memory = async () => openMemoryStore();
const directory = (t: TestContext): Promise<DirectoryStore> =>
  openDirectoryStore(folder(t), { durable: false });

/** Somebody has the lock of a key, and keeps it. */
function hold(root: string, key: string): void {
  const path = keyLockPath(root, key);
  mkdirSync(dirname(path), { recursive: true });
  assert.ok(tryLock(path, 60_000).held);
}

for (const [name, open] of [
  ['memory', memory],
  ['directory', directory],
] as const) {
  const artifacts = { ...ARTIFACT_CALLS, ...STAGING_CALLS };
  endedCallsSuite(name, { open: async (t) => ({ port: (await open(t)).objects }), calls: OBJECT_CALLS });
  endedCallsSuite(name, { open: async (t) => ({ port: (await open(t)).artifacts }), calls: artifacts });
  endedCallsSuite(name, { open: async (t) => ({ port: await open(t) }), calls: STORE_CALLS });
}

endedCallsSuite('directory whose key is locked', {
  open: async (t) => {
    const { objects: port, root } = await directory(t);
    return { port, stall: () => hold(root, STATUS) };
  },
  calls: OBJECT_CALLS,
  waiting: ['replace of a version', 'delete'],
});

endedCallsSuite('directory whose artifact is locked', {
  open: async (t) => {
    const { artifacts: port, root } = await directory(t);
    return { port, stall: () => hold(root, artifactPrefix(ID).slice(0, -1)) };
  },
  calls: ARTIFACT_CALLS,
  waiting: ['remove'],
});

const ROOT = Buffer.from('{}');
const ROOT_CALLS: Calls<ReturnType<typeof keptRoots>> = {
  read: (roots, options) => roots.read('public', options),
  write: (roots, options) => roots.write('public', ROOT, undefined, options),
};

endedCallsSuite('trusted roots that are kept', {
  open: async () => ({ port: keptRoots(openMemoryStore().objects) }),
  calls: ROOT_CALLS,
});

const OUTPUT_CALLS: Calls<string> = {
  stageOutput: (path, options) => stageOutput(path, { force: false, ...options }),
};

endedCallsSuite('output', { open: async (t) => ({ port: folder(t) }), calls: OUTPUT_CALLS });

test('an output ends with the signal it was staged with, and leaves nothing', async (t) => {
  const path = `${folder(t)}/out`;
  const controller = new AbortController();
  const staging = await stageOutput(path, { force: false, signal: controller.signal });
  await writeFile(staging, 'a', 'content');
  controller.abort();
  const cancelled = { code: 'CANCELLED' };
  await assert.rejects(writeFile(staging, 'b', 'content'), cancelled);
  await assert.rejects(staging.copy('a', 'c'), cancelled);
  await assert.rejects(staging.remove(['a']), cancelled);
  await assert.rejects(staging.commit([]), cancelled);
  await staging.discard();
  await assert.rejects(async () => mkdirSync(`${path}/x`), { code: 'ENOENT' });
});
