import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { listen } from '../../../aws-stand-ins/listen.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { assertRefused, landfallProcess } from '../../support/cli.ts';
import { openServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';

const TAGGED =
  '{ name: apps, kind: kubernetes, source: web/app, region: eu-central-1, clusters: { tags: { env: prod } } }';

/** Answers as https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html has it. */
async function tagsOfAws(t: TestContext) {
  const asked = { count: 0 };
  const { url, close } = await listen((request, response) => {
    asked.count += 1;
    const ResourceARN = 'arn:aws:eks:eu-central-1:111122223333:cluster/one';
    request
      .resume()
      .on('end', () => response.end(JSON.stringify({ ResourceTagMappingList: [{ ResourceARN, Tags: [] }] })));
  });
  t.after(close);
  const env = {
    AWS_ENDPOINT_URL_RESOURCE_GROUPS_TAGGING_API: url,
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
  };
  return { asked, env };
}

/** A store that `app` has landed in, and what runs a command of deploys over it. */
async function landed(t: TestContext, deploys: readonly string[]) {
  const machine = await openServeMachine(t);
  const { registry, sources, store } = machine;
  const write = (more: readonly string[]) =>
    machine.write({
      sources: [sourceLine(registry, 'name: app, ref: { tag: stable }')],
      deploys: [`{ name: live, kind: directory, source: web/app, target: "${machine.live}" }`, ...more],
    });
  plantFiles(registry, 'stable', { 'app.yaml': 'version: 1\n' });
  await write([]);
  assert.equal((await machine.on('serve', '-f', sources, '--once')).code, 0);
  await write(deploys);
  const { asked, env } = await tagsOfAws(t);
  return {
    asked,
    on: (...argv: readonly string[]) => landfallProcess([...argv, '-f', sources, '--store', store], { env }),
  };
}

test('a dry run and a replay of one deploy ask nobody for the clusters of another', async (t) => {
  const { on, asked } = await landed(t, [TAGGED]);
  for (const argv of [
    ['deploy', 'live', '--dry-run'],
    ['replay', 'web/app', '--deploy', 'live'],
  ]) {
    const ended = await on(...argv);
    assert.equal(ended.code, 0, ended.stderr);
  }
  assert.equal(asked.count, 0);
  assertRefused(await on('deploy', 'life', '--dry-run'), {
    code: 'DEPLOY_NOT_FOUND',
    says: /"life"/,
    next: /Did you mean live/,
  });
});

test('replay knows the deploys over clusters that are found by their tags, as a dry run does', async (t) => {
  const { on } = await landed(t, [TAGGED]);
  assertRefused(await on('replay', 'web/app', '--deploy', 'apps.two'), {
    code: 'DEPLOY_NOT_FOUND',
    says: /there is no deploy "apps.two" of web\/app; there are live, apps\.one/,
    next: /landfall get deploys/,
  });
  const known = await on('replay', 'web/app', '--deploy', 'apps.one');
  assert.doesNotMatch(known.stderr, /DEPLOY_NOT_FOUND/);
  assert.match(known.stderr, /eks/);
});

test('a deploy that is replayed waits for each cluster of one that it depends on', async (t) => {
  const { on } = await landed(t, [
    TAGGED,
    '{ name: after, kind: command, source: web/app, command: ["true"], dependsOn: [apps] }',
  ]);
  assertRefused(await on('replay', 'web/app', '--deploy', 'after'), {
    code: 'DEPLOY_UNAVAILABLE',
    says: /deploy after waits: for apps\.one, which has not run yet/,
    next: /stays/,
  });
});
