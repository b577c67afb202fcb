import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { systemClock } from '../../../shared/clock.ts';
import { commandDeploy } from '../../../shared/deploy/command/command-deploy.ts';
import { httpDeploy } from '../../../shared/deploy/http/http-deploy.ts';
import { httpSettings, locateHttp } from '../../../shared/deploy/http/http-settings.ts';
import type { ArtifactLocation } from '../../../shared/deploy/kit/deploy-context.ts';
import { NO_AWS } from '../../../shared/deploy/visit/no-aws.ts';
import { kindContext } from '../../support/deploys/kind-context.ts';
import { folder } from './one-step.ts';

const common = { files: {}, aws: NO_AWS, clock: systemClock };

const commandAt = (command: string[], location: ArtifactLocation) =>
  kindContext<{ command: string[] }, null>({ ...common, kind: 'command', settings: { command }, location });

describe('a command', () => {
  for (const [program, summary] of [
    ['true', 'the command is run'],
    ['/bin/true', 'the command is run'],
    ['bin/deploy', 'the command is run; bin/deploy is looked for in the artifact'],
    ['./deploy.sh', 'the command is run; ./deploy.sh is looked for in the artifact'],
  ] as const)
    test(`says where ${program} is looked for, before it is run`, async () => {
      const context = commandAt([program, 'now'], { in: 'directory', directory: '/store' });
      const { revision } = context.revision;
      assert.deepEqual(await commandDeploy().plan(context), {
        changes: [{ action: 'run', what: `${program} now`, why: revision }],
        summary,
      });
    });

  for (const [what, location, message] of [
    ['is packed', { in: 'packs' }, /source are packed/],
    ['is in a bucket', { in: 'bucket', bucket: 'store', prefix: '' }, /cannot run in s3:\/\/store/],
  ] as const)
    test(`is not run where the artifact ${what}`, async () => {
      const context = commandAt(['true'], location);
      await assert.rejects(commandDeploy().step(context), { code: 'DEPLOY_FAILED', message });
    });

  test('is not run where the folder of its artifact is not there, and says so', async (t) => {
    const directory = join(folder(t), 'gone');
    const step = commandDeploy().step(commandAt(['true', 'now'], { in: 'directory', directory }));
    const message = `deploy live: true cannot be run: ${directory} or /bin/sh is not there`;
    await assert.rejects(step, { code: 'DEPLOY_FAILED', message });
  });
});

describe('a receiver of events', () => {
  test('is told before anything is posted, and without its path', async () => {
    const context = kindContext<{ url: string }, null>({
      ...common,
      kind: 'http',
      settings: { url: 'https://a.example/hook?key=1' },
    });
    assert.deepEqual(await httpDeploy.plan(context), {
      changes: [{ action: 'run', what: 'POST https://a.example', why: context.revision.revision }],
      summary: 'the event is posted',
    });
  });

  for (const [url, message] of [
    ['ftp://a.example/', /wanted an http:\/\/ or https:\/\/ URL/],
    ['a.example', /wanted an http:\/\/ or https:\/\/ URL/],
    ['https://ada@a.example/', /carries a user or password/],
    ['https://:secret@a.example/', /carries a user or password/],
  ] as const)
    test(`is none at ${url}`, () => {
      const { success, error } = httpSettings.safeParse({ url });
      assert.equal(success, false);
      assert.match(String(error), message);
    });

  test('has secrets of its headers beside the document, as files are', () => {
    const from = (path: string): string => `/etc/landfall/${path}`;
    const url = 'https://a.example/';
    assert.deepEqual(locateHttp({ url }, from), { url });
    const headers = { accept: 'text/plain', authorization: { file: 'token' }, 'x-key': { env: 'KEY' } };
    assert.deepEqual(locateHttp({ url, headers }, from), {
      url,
      headers: { ...headers, authorization: { file: '/etc/landfall/token' } },
    });
  });
});
