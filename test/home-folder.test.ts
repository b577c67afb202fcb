import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { test } from 'node:test';
import { homeFolder } from '../shared/home-folder.ts';

/** As Node's is for a uid without a name, where HOME is not set. */
const noHome = (): string => {
  throw new Error('uv_os_homedir returned ENOENT (no such file or directory)');
};

for (const [what, env, ofSystem, folder] of [
  ['HOME', { HOME: '/home/ada' }, noHome, '/home/ada'],
  ['what the system knows, where HOME is empty', { HOME: '' }, () => '/home/bea', '/home/bea'],
  ['the root, where the system knows none', {}, noHome, '/'],
  ['this machine’s, by default', {}, undefined, homedir()],
] as const) {
  test(`a home is ${what}`, () => assert.equal(homeFolder(env, ofSystem), folder));
}
