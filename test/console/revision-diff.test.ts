import assert from 'node:assert/strict';
import { test } from 'node:test';
import { revisionDiff } from '../../console/revision-diff.ts';
import { CONSOLE_PATCHES, DIFF_FILE_BYTES, DIFF_MS } from '../../shared/limits.ts';
import { committed, type Files, ID, openWorld } from '../support/stores/memory-sources.ts';

/** What is shown of two revisions: path, and whether its lines are. */
async function shownOf(before: Files, after: Files, stepMs = 0) {
  const world = openWorld();
  const land = async (files: Files) => {
    world.push('latest', files);
    return committed(await world.look()).digest;
  };
  const [from, to] = [await land(before), await land(after)];
  const clock = {
    now: () => {
      world.clock.advance(stepMs);
      return world.clock.now();
    },
    sleep: async () => {},
  };
  const { changes, ...shown } = await revisionDiff({ id: ID, from, to }, { store: world.store, clock }, {});
  return {
    generations: [shown.before.generation, shown.after.generation],
    shown: changes.map(({ change, patch }) => [change.path, patch !== undefined] as const),
    changes,
  };
}

const many = (text: string, count: number): Files =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`f${String(at).padStart(3, '0')}`, text]));

test('what differs of two revisions is shown with its lines', async () => {
  const { generations, changes } = await shownOf({ a: '1\n', b: '1\n' }, { a: '2\n', b: '1\n' });
  assert.deepEqual(generations, [1, 2]);
  assert.equal(changes.length, 1);
  assert.match(changes[0]?.patch ?? '', /^-1\n\+2$/m);
});

test('of many files that differ the first are shown with their lines, and the others told', async () => {
  const { shown } = await shownOf(many('1\n', CONSOLE_PATCHES + 2), many('2\n', CONSOLE_PATCHES + 2));
  assert.deepEqual(
    shown.map(([, hasLines]) => hasLines),
    [...Array(CONSOLE_PATCHES).fill(true), false, false],
  );
});

test('a file that is too large has no lines, on whichever side it is', async () => {
  const large = 'x'.repeat(DIFF_FILE_BYTES + 1);
  const { shown } = await shownOf({ a: large, b: '1\n', c: '1\n' }, { a: '1\n', b: large, c: '2\n' });
  assert.deepEqual(shown, [
    ['a', false],
    ['b', false],
    ['c', true],
  ]);
});

test('all lines together take no longer than those of one pair may', async () => {
  const { shown } = await shownOf(many('1\n', 4), many('2\n', 4), DIFF_MS / 2);
  assert.deepEqual(
    shown.map(([, hasLines]) => hasLines),
    [true, false, false, false],
  );
});
