import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { stateFolderOf } from '../../local/store/state-folder.ts';

const AT = { bucket: 'store', prefix: '' };
const XDG = { XDG_STATE_HOME: '/state', HOME: '/home/me' };

const CASES = [
  {
    what: 'as the base directory specification has it',
    env: { HOME: '/home/me' },
    is: '/home/me/.local/state/landfall/store',
  },
  { what: 'where that was moved', env: XDG, is: '/state/landfall/store' },
  {
    what: 'where Landfall is told',
    env: { ...XDG, LANDFALL_STATE: '/var/lib/landfall' },
    is: '/var/lib/landfall/store',
  },
  {
    what: 'as if unset where a variable is empty',
    env: { ...XDG, LANDFALL_STATE: '', XDG_STATE_HOME: '' },
    is: '/home/me/.local/state/landfall/store',
  },
  { what: 'of the user, without any', env: {}, is: join(homedir(), '.local/state/landfall/store') },
];

for (const { what, env, is } of CASES)
  test(`what a machine keeps of a bucket that it serves is ${what}`, () =>
    assert.equal(stateFolderOf(AT, env), is));

test('no two prefixes of a bucket have one folder, and none has its folder in that of another', () => {
  const folders = ['', 'a/', 'a/b/', 'locks/'].map((prefix) => stateFolderOf({ ...AT, prefix }, XDG));
  assert.deepEqual(
    folders.map((folder) => folder.slice('/state/landfall/'.length)),
    ['store', 'store+a', 'store+a+b', 'store+locks'],
  );
});
