import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unseenStore } from '../../../functions/lambda/work/unseen-store.ts';
import { sweepKey } from '../../../shared/store/layout.ts';
import { memoryObjectStore } from '../../../shared/store/memory/memory-object-store.ts';
import { countedStore } from '../../support/aws-server/bucket-over-store.ts';

const KEY = sweepKey('unseen');

function opened() {
  const counted = countedStore(memoryObjectStore());
  const stored = async (): Promise<unknown> => {
    const found = await counted.objects.get(KEY);
    return found && JSON.parse(Buffer.from(found.bytes).toString());
  };
  return { objects: counted.objects, stored };
}

/** What is kept before, what a poll found, and whether that is written. */
for (const [before, found, isWritten] of [
  [{}, {}, false],
  [{ 'web/a': 1 }, { 'web/a': 1 }, false],
  [{ 'web/a': 1 }, { 'web/a': 9 }, false],
  [{}, { 'web/a': 1 }, true],
  [{ 'web/a': 1 }, {}, true],
  [{ 'web/a': 1 }, { 'web/b': 1 }, true],
  [{ 'web/a': 1 }, { 'web/a': 1, 'web/b': 2 }, true],
  [{ 'web/a': 1, 'web/b': 2 }, { 'web/b': 2 }, true],
] as const)
  test(`after ${JSON.stringify(before)} a poll that finds ${JSON.stringify(found)} writes ${isWritten ? 'it' : 'nothing'}`, async () => {
    const { objects, stored } = opened();
    await objects.replace(KEY, Buffer.from(JSON.stringify(before)), undefined);
    const unseen = unseenStore(objects);
    assert.deepEqual(await unseen.read(), before);
    await unseen.write(found);
    assert.deepEqual(await stored(), isWritten ? found : before);
    assert.deepEqual(
      await unseenStore(objects).read(),
      isWritten ? found : before,
      'as another process reads it',
    );
  });

test('where another poll was first, what that knows is read for the next', async () => {
  const { objects, stored } = opened();
  const [one, other] = [unseenStore(objects), unseenStore(objects)];
  await one.read();
  await other.write({ 'web/b': 2 });
  await one.write({ 'web/a': 1 });
  assert.deepEqual([await stored(), await one.read()], [{ 'web/b': 2 }, { 'web/b': 2 }]);
});

test('what is no list of times is made anew', async () => {
  const { objects } = opened();
  await objects.replace(KEY, Buffer.from('{"web/a":"soon","web/b":3}'), undefined);
  assert.deepEqual(await unseenStore(objects).read(), {});
});
