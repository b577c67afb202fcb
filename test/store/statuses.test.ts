import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { systemClock } from '../../shared/clock.ts';
import { isLandfallError, LandfallError } from '../../shared/errors.ts';
import type { Revision, Status } from '../../shared/model/status.ts';
import { openDirectoryStore } from '../../shared/store/directory/directory-store.ts';
import { formatDocument } from '../../shared/store/document.ts';
import { statusKey } from '../../shared/store/layout.ts';
import { memoryObjectStore } from '../../shared/store/memory/memory-object-store.ts';
import type { ObjectStore } from '../../shared/store/object-store.ts';
import { retainRevisions } from '../../shared/store/retention/retained-history.ts';
import { listSources, readStatus, requireStatus, updateStatus } from '../../shared/store/status-store.ts';
import { collected } from '../conformance/object-store.ts';
import { sampleEvent } from '../event/samples.ts';
import { folder } from './support/folder.ts';
import { revisionOf, SOURCE, statusOf } from './support/sample.ts';

const next = (status: Status | undefined): Status => {
  const generation = (status?.generation ?? 0) + 1;
  return { ...statusOf(), ...status, generation, current: revisionOf(`r${generation}`, generation) };
};

const put = (objects: ObjectStore, content: string | Uint8Array): Promise<unknown> =>
  objects.putIfAbsent(statusKey(SOURCE), Buffer.from(content));

test('a status is read as it was written, with its version', async () => {
  const objects = memoryObjectStore();
  assert.equal(await readStatus(objects, SOURCE), undefined);
  const written = await updateStatus(objects, SOURCE, next, { clock: systemClock });
  const stored = await readStatus(objects, SOURCE);
  assert.deepEqual(stored?.status, written);
  assert.equal(stored?.version, (await objects.get(statusKey(SOURCE)))?.version);
});

test('a full status survives the round trip', async () => {
  const objects = memoryObjectStore();
  const at = '2026-11-21T00:00:00.000Z';
  const event = sampleEvent(2);
  const full = statusOf({
    current: revisionOf('two', 2),
    history: [{ ...revisionOf('one', 1), tag: null, artifactType: 'x/y', annotations: { a: 'é' } }],
    conditions: [
      { type: 'Ready', status: 'False', reason: 'DIGEST_MISMATCH', message: '', lastTransitionTime: at },
    ],
    failure: {
      code: 'X',
      message: 'm',
      hint: null,
      kind: 'permanent',
      subject: 's',
      attempts: 1,
      since: at,
      at,
    },
    outbox: [event],
    suspended: { by: 'rollback', at },
    request: { requested: 'r', handled: null },
  });
  await put(objects, formatDocument(full));
  assert.deepEqual((await readStatus(objects, SOURCE))?.status, full);
});

test('nothing is written when there is nothing to write', async () => {
  const objects = memoryObjectStore();
  assert.equal(await updateStatus(objects, SOURCE, () => undefined, { clock: systemClock }), undefined);
  const written = await updateStatus(objects, SOURCE, next, { clock: systemClock });
  const before = await objects.get(statusKey(SOURCE));
  assert.deepEqual(await updateStatus(objects, SOURCE, () => undefined, { clock: systemClock }), written);
  assert.deepEqual(await updateStatus(objects, SOURCE, (status) => status, { clock: systemClock }), written);
  assert.deepEqual(await objects.get(statusKey(SOURCE)), before);
});

test('a required status that is not there is a source that is not there', async () => {
  const objects = memoryObjectStore();
  const code = 'SOURCE_NOT_FOUND';
  await assert.rejects(requireStatus(objects, SOURCE), { code, hint: /^See `landfall get sources`/ });
  await updateStatus(objects, { ...SOURCE, namespace: 'other' }, () => statusOf({ namespace: 'other' }), {
    clock: systemClock,
  });
  await assert.rejects(requireStatus(objects, SOURCE), { code, hint: /^Did you mean other\/podinfo\? See / });
});

test('every racing update counts, and each sees the one before', async (t: TestContext) => {
  const { objects } = await openDirectoryStore(folder(t), { durable: false });
  await Promise.all(
    Array.from({ length: 8 }, () => updateStatus(objects, SOURCE, next, { clock: systemClock })),
  );
  assert.equal((await requireStatus(objects, SOURCE)).generation, 8);
});

test('an update that always loses gives up with STORE_CONFLICT', async () => {
  const objects = memoryObjectStore();
  await updateStatus(objects, SOURCE, next, { clock: systemClock });
  let tries = 0;
  const busy: ObjectStore = {
    ...objects,
    replace: async () => {
      tries += 1;
      throw new LandfallError('STORE_CONFLICT', 'lost');
    },
  };
  await assert.rejects(updateStatus(busy, SOURCE, next, { clock: systemClock }), (error) => {
    assert.ok(isLandfallError(error) && error.code === 'STORE_CONFLICT' && error.hint);
    return true;
  });
  assert.equal(tries, 20);
});

test('what a change throws is thrown, a conflict of its own too, and tried once', async () => {
  let tries = 0;
  const change = (): never => {
    tries += 1;
    throw new LandfallError('STORE_CONFLICT', 'moved on');
  };
  await assert.rejects(updateStatus(memoryObjectStore(), SOURCE, change, { clock: systemClock }), {
    message: 'moved on',
  });
  assert.equal(tries, 1);
});

for (const [what, change] of [
  ['falls', () => statusOf({ current: revisionOf('a', 1) })],
  ['skips one', () => statusOf({ current: revisionOf('a', 4) })],
  ['is not that of current', () => ({ ...statusOf({ current: revisionOf('a', 2) }), generation: 3 })],
  ['is negative', () => ({ ...statusOf(), generation: -1 })],
] as const)
  test(`a status whose generation ${what} is never written`, async () => {
    const objects = memoryObjectStore();
    await put(objects, formatDocument(statusOf({ current: revisionOf('two', 2) })));
    await assert.rejects(updateStatus(objects, SOURCE, change, { clock: systemClock }), { code: 'INTERNAL' });
    assert.equal((await requireStatus(objects, SOURCE)).generation, 2);
  });

test("another source's status is never written", async () => {
  const change = (): Status => ({ ...statusOf(), name: 'other' });
  await assert.rejects(updateStatus(memoryObjectStore(), SOURCE, change, { clock: systemClock }), {
    code: 'INTERNAL',
  });
});

const good = statusOf({ current: revisionOf('a', 1) });
for (const [what, content, code] of [
  ['empty', '', 'STORE_CORRUPT'],
  ['cut short', JSON.stringify(good).slice(0, -1), 'STORE_CORRUPT'],
  ['null', 'null', 'STORE_CORRUPT'],
  ['of a newer version', JSON.stringify({ ...good, formatVersion: 2 }), 'STORE_VERSION'],
  ['of a newer version and another shape', '{"formatVersion": 3}', 'STORE_VERSION'],
  ['without a version', JSON.stringify({ ...good, formatVersion: undefined }), 'STORE_CORRUPT'],
  ['of another source', JSON.stringify({ ...good, namespace: 'x' }), 'STORE_CORRUPT'],
  [
    'naming no digest',
    JSON.stringify({ ...good, current: { ...good.current, digest: 'sha256:x' } }),
    'STORE_CORRUPT',
  ],
  ['missing its outbox', JSON.stringify({ ...good, outbox: undefined }), 'STORE_CORRUPT'],
  ['with an outbox of nonsense', JSON.stringify({ ...good, outbox: [1] }), 'STORE_CORRUPT'],
] as const)
  test(`a status that is ${what} is ${code} and is not overwritten`, async () => {
    const objects = memoryObjectStore();
    await put(objects, content);
    const wanted = (error: unknown): boolean => {
      assert.ok(isLandfallError(error) && error.code === code && error.hint);
      assert.ok(error.message.includes(statusKey(SOURCE)), error.message);
      return true;
    };
    await assert.rejects(readStatus(objects, SOURCE), wanted);
    await assert.rejects(updateStatus(objects, SOURCE, next, { clock: systemClock }), wanted);
    assert.equal(Buffer.from((await objects.get(statusKey(SOURCE)))?.bytes ?? []).toString(), content);
  });

test('sources are listed in byte order, whatever else is beside them', async () => {
  const objects = memoryObjectStore();
  for (const [namespace, name] of [
    ['web', 'b'],
    ['web', 'a-b'],
    ['web', 'a'],
    ['data', 'z'],
  ] as const)
    await objects.putIfAbsent(statusKey({ namespace, name }), Buffer.from('{}'));
  for (const key of ['sources/README', 'sources/web/x/other.json', 'sources/a/b/c/status.json'])
    await objects.putIfAbsent(key, Buffer.from('x'));
  const names = (await collected(listSources(objects))).map(({ namespace, name }) => `${namespace}/${name}`);
  assert.deepEqual(names, ['data/z', 'web/a-b', 'web/a', 'web/b']);
});

const [one, two, three, four] = [1, 2, 3, 4].map((n) => revisionOf(`r${n}`, n)) as [
  Revision,
  Revision,
  Revision,
  Revision,
];
const again = { ...one, generation: 5 };
for (const [what, current, history, revision, retain, wanted] of [
  ['nothing before the first', null, [], one, 10, []],
  ['what was current first', three, [two, one], four, 10, [three, two, one]],
  ['retain - 1 of them', three, [two, one], four, 3, [three, two]],
  ['all of them at the limit', three, [two, one], four, 4, [three, two, one]],
  ['none where only the current one is retained', three, [two, one], four, 1, []],
  ['none where less than one is asked for', three, [two, one], four, 0, []],
  ['no second copy of what became current again', three, [two, one], again, 10, [three, two]],
  ['each revision once, as its newest generation', again, [three, one], four, 10, [again, three]],
  ['one revision in two variants', one, [{ ...one, variant: 'x' }], two, 10, [one, { ...one, variant: 'x' }]],
] as const)
  test(`history keeps ${what}`, () => {
    assert.deepEqual(retainRevisions(current, history, { revision, retain }), wanted);
  });
