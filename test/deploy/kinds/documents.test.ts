import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { commandSettings } from '../../../shared/deploy/command/command-settings.ts';
import { directorySettings } from '../../../shared/deploy/directory/directory-settings.ts';
import { functionSettings } from '../../../shared/deploy/function/function-settings.ts';
import { gitSettings } from '../../../shared/deploy/git/git-settings.ts';
import { serviceSettings } from '../../../shared/deploy/service/service-settings.ts';
import { siteDocument } from '../../../shared/deploy/site/site-document.ts';
import { stackSettings } from '../../../shared/deploy/stack/stack-settings.ts';

const AUTHOR = { name: 'L', email: 'l@example.org' };
const git = (changes: object) =>
  gitSettings.safeParse({ url: 'https://git.example/a', branch: 'main', author: AUTHOR, ...changes });
const stack = (changes: object) =>
  stackSettings.safeParse({
    ...{ stack: 'a', template: 't', executionRole: 'arn:aws:iam::123456789012:role/r' },
    ...changes,
  });
const service = (changes: object) =>
  serviceSettings.safeParse({ cluster: 'c', service: 's', containers: ['a'], ...changes });
const site = (changes: object) => siteDocument.safeParse({ bucket: 'site', ...changes });

/** What is there at all, and the least of it. */
const cases = [
  ['a command', (command: string[]) => commandSettings.safeParse({ command }), [], ['a']],
  ['a target', (target: string) => directorySettings.safeParse({ target }), '', 'a'],
  ['a message', (message: string) => git({ message }), '', '.'],
  ['a branch', (branch: string) => git({ branch }), '', 'm'],
  ['a name of a person', (name: string) => git({ author: { ...AUTHOR, name } }), '', 'L'],
  [
    'an alarm',
    (alarm: string) => functionSettings.safeParse({ function: 'f', alias: 'l', alarms: [alarm] }),
    '',
    'a',
  ],
  ['a tag', (key: string) => stack({ tags: { [key]: '' } }), '', 'a'],
  ['a parameter', (name: string) => stack({ parameters: { [name]: '' } }), '', 'a'],
  ['containers', (containers: string[]) => service({ containers }), [], ['a']],
  [
    'paths to forget',
    (paths: string[]) => site({ invalidate: { distribution: 'E2EXAMPLE', paths } }),
    [],
    ['/'],
  ],
] as const;

describe('a document of a deploy', () => {
  for (const [what, read, none, least] of cases) {
    const parsed = read as (value: unknown) => { readonly success: boolean };
    test(`wants ${what}, and takes the least of it`, () => {
      assert.equal(parsed(none).success, false);
      assert.equal(parsed(least).success, true);
    });
  }

  test('has what is not said off, and as little as can be', () => {
    const { create, plainHttp, local, signOff } = git({}).data ?? {};
    assert.deepEqual([create, plainHttp, local, signOff], [false, false, false, true]);
    const { recreate, revertDrift, mayLose, keepParameters, capabilities, tags } = stack({}).data ?? {};
    assert.deepEqual(
      [recreate, revertDrift, mayLose, keepParameters, capabilities, tags],
      [false, false, [], [], [], {}],
    );
    assert.deepEqual(service({}).data?.passRoles, []);
    assert.deepEqual(site({}).data?.immutable, []);
  });
});
