import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type { S3Server } from '../../../aws-stand-ins/s3/s3-server.ts';
import { LOCKS_PREFIX } from '../../../shared/aws/s3/layout.ts';
import { openS3Store, type S3Store } from '../../../shared/aws/s3/store/store.ts';
import { isLandfallError } from '../../../shared/errors.ts';
import { PACKED_FILE_BYTES } from '../../../shared/limits.ts';
import type { ArtifactRecord } from '../../../shared/model/artifact-record.ts';
import type { ArtifactId } from '../../../shared/model/ids.ts';
import { packedVariant, storedFiles } from '../../../shared/model/packed.ts';
import { artifactPrefix, fileKey, filesPrefix, recordKey } from '../../../shared/store/layout.ts';
import { ID, land, recordOf, sweepAll, type Tree, writeFile } from '../../conformance/planted-artifacts.ts';
import { Random } from '../../support/simulation/simulation-random.ts';
import { hurriedClock, rootAt, s3For } from '../support/s3.ts';

/** More of them: LANDFALL_RACES=500. */
const SEEDS = Number(process.env['LANDFALL_RACES'] ?? 8);
const WORKERS = 4;
const ROUNDS = 3;

/** One artifact that several runs are at, and what lies say instead of each of its files. */
interface Landed {
  readonly id: ArtifactId;
  readonly tree: Tree;
  readonly lie: string | Uint8Array;
  readonly seeds: number;
}

const FILES = 6;
const treeOf = (content: (at: number) => string | Uint8Array): Tree =>
  Object.fromEntries(Array.from({ length: FILES }, (_, at) => [`f${at}`, content(at)]));

/** A lie is as long as what it stands for: nothing but its bytes tells it. */
const TREE: Landed = { id: ID, tree: treeOf((at) => `content ${at}`), lie: 'a lie too', seeds: SEEDS };
/** Each file is a pack of its own, which is put as it comes. */
const ALONE_BYTES = PACKED_FILE_BYTES + 1;
const PACKED: Landed = {
  id: { ...ID, variant: packedVariant(ID.variant) },
  tree: treeOf((at) => Buffer.alloc(ALONE_BYTES, `${at}`)),
  lie: Buffer.alloc(ALONE_BYTES, 'a lie'),
  seeds: Math.ceil(SEEDS / 4),
};

/** I1 from outside: what a reader of the bucket alone finds behind a record. */
function assertWhole(server: S3Server, id: ArtifactId, when: string): void {
  const { objects } = server.bucket();
  const stored = objects.get(recordKey(id));
  if (stored === undefined) return;
  const { files, packs } = JSON.parse(stored.bytes.toString()) as ArtifactRecord;
  for (const { path, size, sha256, pack = 0, offset = 0 } of files) {
    const file = objects.get(fileKey(id, packs?.[pack]?.path ?? path));
    assert.ok(file, `${when}: ${path} is listed and missing`);
    const bytes = file.bytes.subarray(offset, packs === undefined ? undefined : offset + size);
    assert.equal(hash('sha256', bytes), sha256, `${when}: ${path} has other bytes than its record says`);
  }
}

const below = (random: Random, bound: number): number => Math.floor(random.next() * bound);

/** One of the things that runs do with the same artifact at the same time. Only another run may be a reason to fail. */
async function act(store: S3Store, landed: Landed, random: Random): Promise<string> {
  const dice = below(random, 10);
  try {
    if (dice < 5) return await land(store, landed.id, landed.tree);
    if (dice < 7) return await failHalfway(store, landed, random);
    if (dice < 9) return await store.artifacts.remove(landed.id);
    return (await sweepAll(store, { before: Date.now() + 60_000, dryRun: false })).orphans > 0
      ? 'swept'
      : 'nothing';
  } catch (error) {
    if (isLandfallError(error) && error.code === 'STORE_CONFLICT') return 'conflict';
    throw error;
  }
}

/** A run whose registry lies: what it stages is not what the digest promises, which it learns at the end. */
async function failHalfway(store: S3Store, { id, tree, lie }: Landed, random: Random): Promise<string> {
  const staging = await store.artifacts.stage(id);
  try {
    for (const [path, content] of Object.entries(tree).slice(below(random, 3)))
      await writeFile(staging, path, below(random, 2) === 0 ? content : lie);
    await writeFile(staging, 'not-in-it', 'x');
    return 'failed';
  } finally {
    await staging.discard();
  }
}

async function storm(t: TestContext, landed: Landed, seed: number): Promise<void> {
  const { id, tree } = landed;
  const random = new Random(seed);
  const { server } = await s3For(t, { latency: () => below(random, 4), conflicts: below(random, 2) === 0 });
  const put = server.bucket().put.bind(server.bucket());
  server.bucket().put = (key, object) => {
    const stored = put(key, object);
    assertWhole(server, id, `seed ${seed}, after a put of ${key}`);
    return stored;
  };
  const stores = await Promise.all(
    Array.from({ length: WORKERS }, async (_, at) =>
      openS3Store({ ...rootAt(server, { clock: hurriedClock }), holdBytes: at === 0 ? 1_000 : 1 }),
    ),
  );
  for (let round = 0; round < ROUNDS; round += 1) {
    await Promise.all(stores.map((store) => act(store, landed, random)));
    assertWhole(server, id, `seed ${seed}, after round ${round}`);
  }
  const [first] = stores;
  if (first === undefined) return;
  // When all the others are through, one run lands it, whatever they left.
  const outcome = await land(first, id, tree);
  assert.ok(outcome === 'committed' || outcome === 'exists');
  assertWhole(server, id, `seed ${seed}, at the end`);
  assert.deepEqual(
    server.bucket().keys(filesPrefix(id)),
    storedFiles((await first.artifacts.record(id)) ?? recordOf(id, tree)).map(({ path }) =>
      fileKey(id, path),
    ),
    `seed ${seed}: exactly what the record lists`,
  );
  const left = server.bucket().keys(LOCKS_PREFIX);
  assert.ok(
    left.every((key) => key.includes('/trace-')),
    left.join(),
  );
  await first.artifacts.remove(id);
  assert.deepEqual(server.bucket().keys(artifactPrefix(id)), []);
  assert.deepEqual(server.bucket().keys(LOCKS_PREFIX), []);
}

for (const [layout, landed] of [
  ['tree', TREE],
  ['pack', PACKED],
] as const)
  test(`of ${WORKERS} runs at one artifact (${layout}), some lying, some removing, none breaks what another commits`, async (t) => {
    for (let seed = 1; seed <= landed.seeds; seed += 1) await storm(t, landed, seed);
  });
