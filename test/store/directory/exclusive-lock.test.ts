import assert from 'node:assert/strict';
import { lutimesSync, readdirSync, readlinkSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  breakLock,
  claimPathOf,
  lockHolder,
  tryLock,
  unlock,
} from '../../../shared/store/directory/exclusive-lock.ts';
import { livenessOf, ownedName, ownerOfName, SELF } from '../../../shared/store/directory/owner.ts';
import { folder } from '../support/folder.ts';

const FOREIGN_MS = 60_000;
const textOf = (owner: object): string =>
  JSON.stringify({ ...SELF, host: 'h', since: 's', token: 't', ...owner });
const DEAD = textOf({ started: '1' });
const ALIVE = textOf({});
const FOREIGN = textOf({ machine: 'ffffffffffff' });

const lockPath = (t: TestContext, text?: string): string => {
  const path = join(folder(t), 'lock');
  if (text !== undefined) symlinkSync(text, path);
  return path;
};

const age = (path: string, milliseconds: number): void => {
  const time = (Date.now() - milliseconds) / 1000;
  lutimesSync(path, time, time);
};

test('a free lock is taken once, until it is given back', (t) => {
  const path = lockPath(t);
  const first = tryLock(path, FOREIGN_MS);
  assert.ok(first.held);
  const second = tryLock(path, FOREIGN_MS);
  assert.ok(!second.held && second.by?.pid === process.pid);
  unlock(path, first.text);
  assert.equal(lockHolder(path, FOREIGN_MS), undefined);
  assert.ok(tryLock(path, FOREIGN_MS).held);
});

// cp -a beside a running serve: the copy was locked by that one for as long as it ran.
test('a lock that was copied with its folder holds nothing there once nobody is heard of, and the first one goes on', (t) => {
  const path = lockPath(t);
  const held = tryLock(path, FOREIGN_MS);
  assert.ok(held.held);
  const copy = lockPath(t, held.text);
  assert.ok(!tryLock(copy, FOREIGN_MS).held, 'the folder may be the same one, mounted twice');
  age(copy, 2 * FOREIGN_MS);
  age(path, 2 * FOREIGN_MS);
  assert.equal(lockHolder(copy, FOREIGN_MS), undefined);
  assert.ok(tryLock(copy, FOREIGN_MS).held);
  assert.ok(!tryLock(path, FOREIGN_MS).held, 'however long it holds it');
  assert.equal(readlinkSync(path), held.text);
});

test('a lock whose folder was moved is held by who held it', (t) => {
  const path = lockPath(t);
  assert.ok(tryLock(path, FOREIGN_MS).held);
  const moved = `${dirname(path)}-moved`;
  renameSync(dirname(path), moved);
  age(join(moved, 'lock'), 2 * FOREIGN_MS);
  assert.ok(!tryLock(join(moved, 'lock'), FOREIGN_MS).held);
  renameSync(moved, dirname(path));
});

test('a lock that was taken over is not given back by the one who lost it', (t) => {
  const path = lockPath(t, ALIVE);
  unlock(path, DEAD);
  assert.equal(readlinkSync(path), ALIVE);
});

const owners: readonly (readonly [who: string, text: string, ageMs: number, taken: boolean])[] = [
  ['lives', ALIVE, 0, false],
  ['lives, however long it holds it', ALIVE, 10 * FOREIGN_MS, false],
  ['died, its pid being used again', DEAD, 0, true],
  ['died, its pid being free', textOf({ pid: 2 ** 30 }), 0, true],
  ['is on another machine', FOREIGN, 0, false],
  ['is on another machine and was not heard of for long', FOREIGN, 2 * FOREIGN_MS, true],
  ['is unreadable', 'nonsense', 0, false],
  ['is unreadable and old', 'nonsense', 2 * FOREIGN_MS, true],
  ['has a pid that is none', textOf({ pid: -1 }), 0, false],
  ['has a pid that is a fraction', textOf({ pid: 1.5 }), 0, false],
  ['does not say when it began', textOf({ started: undefined }), 0, false],
];
const NO_OWNER = /^nonsense$|"pid":(?:-1|1\.5)|^(?!.*"started")/;
for (const [who, text, ageMs, taken] of owners)
  test(`a lock whose owner ${who} is ${taken ? 'taken over' : 'left alone'}`, (t) => {
    const path = lockPath(t, text);
    age(path, ageMs);
    assert.equal(lockHolder(path, FOREIGN_MS) === undefined, taken || NO_OWNER.test(text));
    assert.equal(tryLock(path, FOREIGN_MS).held, taken);
    assert.equal(readlinkSync(path) === text, !taken);
    assert.deepEqual(readdirSync(join(path, '..')), ['lock']);
  });

test('a file in the place of a lock counts as one, by its age', (t) => {
  const path = lockPath(t);
  writeFileSync(path, '');
  assert.equal(tryLock(path, FOREIGN_MS).held, false);
  age(path, 2 * FOREIGN_MS);
  assert.equal(tryLock(path, FOREIGN_MS).held, true);
});

// The race that unlinking a stale lock loses: both saw the dead one, the other broke it and holds a new one by now.
test('who comes late to break a dead lock leaves the new one alone', (t) => {
  const path = lockPath(t, ALIVE);
  breakLock(path, DEAD, FOREIGN_MS);
  assert.equal(readlinkSync(path), ALIVE);
  assert.deepEqual(readdirSync(join(path, '..')), ['lock']);
});

test('while a live process is breaking a lock nobody else does', (t) => {
  const path = lockPath(t, DEAD);
  symlinkSync(ALIVE, claimPathOf(path, DEAD, 0));
  breakLock(path, DEAD, FOREIGN_MS);
  assert.equal(readlinkSync(path), DEAD);
  assert.equal(tryLock(path, FOREIGN_MS).held, false);
});

test('breakers that died while breaking are passed over, and nothing of theirs is left', (t) => {
  const path = lockPath(t, DEAD);
  for (const claim of [0, 1, 2]) symlinkSync(textOf({ started: '2' }), claimPathOf(path, DEAD, claim));
  assert.equal(tryLock(path, FOREIGN_MS).held, true);
  assert.deepEqual(readdirSync(join(path, '..')), ['lock']);
});

test('a name says whose it is, and no other name does', () => {
  assert.deepEqual(ownerOfName(ownedName()), SELF);
  assert.equal(livenessOf(SELF), 'alive');
  const name = ownedName();
  for (const other of ['', 'x', `x${name}`, `${name}x`, name.slice(1 + name.indexOf('-')), `0${name}`])
    assert.equal(ownerOfName(other), undefined, other);
});
