import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { ArtifactRecord } from '../../../shared/model/artifact-record.ts';
import { ARTIFACTS_PREFIX, fileKey, parseRecordKey, recordKey } from '../../../shared/store/layout.ts';
import type { ObjectStore } from '../../../shared/store/object-store.ts';
import type { Simulation } from './simulation.ts';
import { isChanged } from './simulation-observer.ts';
import { through } from './simulation-ports.ts';

async function bytesOf(objects: ObjectStore, key: string): Promise<Uint8Array | undefined> {
  return (await objects.get(key))?.bytes;
}

/** I1 and I8: what a reader sees who has only the keys. */
async function checkArtifacts({ observer: { objects }, pushed }: Simulation): Promise<void> {
  const keys = await Array.fromAsync(objects.list(ARTIFACTS_PREFIX));
  const listed = new Set<string>();
  for (const key of keys) {
    const id = parseRecordKey(key);
    if (id === undefined) continue;
    const refused = pushed.some(({ digest, isGood }) => digest === id.digest && !isGood);
    assert.ok(!refused, `I8: ${id.digest} was refused and is visible`);
    listed.add(key);
    const record: ArtifactRecord = JSON.parse(Buffer.from((await bytesOf(objects, key)) ?? []).toString());
    for (const { path, sha256 } of record.files) {
      const bytes = await bytesOf(objects, fileKey(id, path));
      assert.equal(bytes && createHash('sha256').update(bytes).digest('hex'), sha256, `I1: ${path}`);
      listed.add(fileKey(id, path));
    }
  }
  assert.deepEqual(
    keys.filter((key) => !listed.has(key)),
    [],
    'I1, I8: keys that no record lists',
  );
}

/** What holds at any moment, in the middle of anything. */
export async function checkAlways(simulation: Simulation): Promise<void> {
  const { observer, applied, pushed } = simulation;
  assert.deepEqual(observer.violations, []);
  await checkArtifacts(simulation);
  const status = await simulation.status();
  const named = status === undefined ? [] : [status.current, ...status.history];
  for (const revision of named) {
    if (revision === null) continue;
    const record = await observer.objects.get(recordKey(revision));
    assert.ok(record, `I2, I7: ${revision.revision} is named and gone`);
  }
  const order = observer.revisions.map(({ digest }) => pushed.findIndex((head) => head.digest === digest));
  assert.deepEqual(
    order,
    order.toSorted((a, b) => a - b),
    'I5: status moved back',
  );
  assert.deepEqual(
    applied,
    applied.toSorted((a, b) => a - b),
    'I6: an older generation after a newer',
  );
}

/** What holds besides once faults have stopped and two looks were taken. */
export async function checkSettled(simulation: Simulation): Promise<void> {
  await checkAlways(simulation);
  const { observer, pushed, applied, undelivered } = simulation;
  const status = await simulation.status();
  const head = pushed.at(-1);
  assert.ok(status && head, 'there is a status and a head');
  const lastGood = pushed.findLast(({ isGood }) => isGood)?.digest ?? null;
  if (head.isGood) {
    assert.equal(status.current?.digest, head.digest, 'I11: status is at the head');
    assert.equal(status.failure, null, 'I11: nothing is wrong');
  } else {
    if (observer.revisions.length > 0) assert.ok(status.current, 'I7: the last good revision stays');
    assert.equal(status.failure?.code, 'PATH_REFUSED', 'I12: status says what is wrong');
    assert.ok(status.failure.subject.endsWith(head.digest), 'I12: of the head');
    assert.notEqual(status.current?.digest, head.digest);
  }
  if (pushed.length > 0 && lastGood === null) assert.equal(status.current, null);
  assert.deepEqual(status.outbox, [], 'I4: everything was sent');
  const generations = new Set(observer.events.filter(isChanged).map(({ detail }) => detail['generation']));
  assert.equal(generations.size, status.generation, 'I4: an event for every generation');
  assert.deepEqual(undelivered, [], 'I6: everything was delivered');
  const ledger = await simulation.ledger();
  assert.equal(ledger.applied?.generation ?? 0, status.generation, 'I6: the current generation is applied');
  if (status.generation > 0) assert.ok(applied.includes(status.generation), 'I6: and its deployer was run');
  assert.deepEqual(ledger.outbox, [], 'the deploy has told everything');
}

/** I12: what is known to be bad is looked at, not fetched; and what is current not even that far. */
export async function checkQuiet(simulation: Simulation): Promise<void> {
  const { registry, observer } = simulation;
  registry.calls.splice(0);
  const emitted = observer.emitted.length;
  await simulation.tick(through);
  assert.deepEqual(registry.calls, ['peek latest'], 'I12: one request where nothing changed');
  assert.equal(observer.emitted.length, emitted, 'nothing is told where nothing changed');
}
