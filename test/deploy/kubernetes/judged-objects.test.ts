import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type JudgedObject,
  judgeObject,
  unreadyOf,
} from '../../../shared/deploy/kubernetes/judged-objects.ts';

const idOf = (name: string, kind = 'Deployment') => ({ group: 'apps', kind, name, namespace: 'web' });
const judged = (name: string, health: 'current' | 'underway' | 'failed', why = ''): JudgedObject => ({
  id: idOf(name),
  judged: { health, why },
});

test('an object that is not there is waited for, and a job that is not there was done', () => {
  assert.equal(judgeObject(idOf('app'), undefined)?.judged.health, 'underway');
  assert.equal(judgeObject(idOf('migrate', 'Job'), undefined), undefined);
});

test('what is not ready is counted and named, and of more than three how many there are', () => {
  assert.equal(unreadyOf([], 'x'), undefined);
  assert.equal(unreadyOf([judged('a', 'current')], 'x'), undefined);
  const names = ['a', 'b', 'c', 'd', 'e'];
  const { count, told = '' } =
    unreadyOf([judged('z', 'current'), ...names.map((name) => judged(name, 'underway', 'starts'))], 'x') ??
    {};
  assert.equal(count, 5);
  assert.match(told, /web\/a.*starts; .*web\/b.*; .*web\/c.*; and 2 more$/);
  assert.doesNotMatch(told, /web\/d/);
});

test('the first that has failed ends it, whatever else is under way, with what to do', () => {
  assert.throws(
    () => unreadyOf([judged('a', 'underway', 'starts'), judged('b', 'failed', 'crashes')], 'Look at it.'),
    (error: { code: string; message: string; hint: string }) => {
      assert.deepEqual([error.code, error.hint], ['DEPLOY_FAILED', 'Look at it.']);
      assert.match(error.message, /web\/b.*crashes/);
      assert.doesNotMatch(error.message, /web\/a/);
      return true;
    },
  );
});
