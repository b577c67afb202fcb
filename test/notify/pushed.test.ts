import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { stringify } from 'yaml';
import { plantFiles } from '../support/artifacts/sample-artifacts.ts';
import { openServeMachine, sourceLine } from '../support/programs/serve-machine.ts';
import { isInstalled } from '../support/programs/tool.ts';
import { freePort } from '../support/servers/free-port.ts';
import { until } from '../support/until.ts';
import { scriptedProvider } from './scripted-provider.ts';
import { slackScript } from './scripts.ts';

/** What fires of the rules, where the state of the deploy is scraped for five minutes. */
async function firing(folder: string, page: string): Promise<readonly string[]> {
  const series = page
    .split('\n')
    .filter((line) => /^landfall_(?:deploy_state|source_ready|source_stalled|build_info)[ {]/.test(line))
    .map((line) => ({ series: line.replace(/ \S+$/, ''), values: `${line.split(' ').at(-1)}x10` }));
  const path = join(folder, 'fires.yaml');
  const expected = { labels: '{}', value: 0 };
  const asked = { expr: 'count(ALERTS{alertname="LandfallDeployFailed", alertstate="firing"}) or vector(0)' };
  const tests = [
    {
      interval: '1m',
      input_series: series,
      promql_expr_test: [{ ...asked, eval_time: '5m', exp_samples: [expected] }],
    },
  ];
  await writeFile(path, stringify({ rule_files: [resolve('monitoring/landfall.rules.yaml')], tests }));
  const { status } = spawnSync('promtool', ['test', 'rules', path], { encoding: 'utf8' });
  return status === 0 ? [] : ['LandfallDeployFailed'];
}

async function machineFor(t: TestContext) {
  const slack = await scriptedProvider(t, slackScript);
  const machine = await openServeMachine(t);
  await machine.write({
    sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')],
    deploys: ['{ name: live, source: web/app, kind: command, command: [grep, -q, good, app.yaml] }'],
    notify: ['{ name: team, type: slack, url: { env: SLACK_URL } }'],
  });
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'good: 1\n' });
  const [listen, metrics, shown] = [await freePort(), await freePort(), await freePort()];
  const serve = await machine.serve({
    argv: [
      ...['--listen', `127.0.0.1:${listen}`, '--metrics', `127.0.0.1:${metrics}`],
      ...['--console', `127.0.0.1:${shown}`],
    ],
    env: { SLACK_URL: `${slack.url}/services/T0/B0/canary-hook` },
  });
  const page = async () => (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
  const says = (line: RegExp) =>
    until(`the metrics to say ${line}`, async () => {
      const text = await page();
      return line.test(text) ? text : undefined;
    });
  const told = (words: RegExp) =>
    until(`Slack to be told ${words}`, () => slack.heard.find(({ body }) => words.test(body)));
  const shows = (state: string) =>
    until(`the console to show ${state}`, async () => {
      const text = await (await fetch(`http://127.0.0.1:${shown}/deploys`)).text();
      return text.includes(`<td><span class="badge ${state.toLowerCase()}">${state}</span>`) || undefined;
    });
  return { machine, serve, slack, says, told, shows };
}

test('a push whose deploy fails is a message on Slack, a red row of the console, a rising line and a firing rule; the next push turns all four green', async (t) => {
  const { machine, serve, slack, says, told, shows } = await machineFor(t);
  await told(/Deploy live of web\/app is at stable@sha256/);
  const green = await says(/^landfall_deploys_total\{[^}]*outcome="succeeded"\} 1$/m);
  assert.ok(!green.includes('outcome="failed"} 1'));

  plantFiles(machine.registry, 'stable', { 'app.yaml': 'bad: 1\n' });
  await machine.on('reconcile', 'web/app', '--wait');
  await says(/^landfall_deploys_total\{[^}]*outcome="failed"\} 1$/m);
  const { body } = await told(/Deploy live of web\/app failed at stable@sha256/);
  assert.match(body, /DEPLOY_FAILED/);
  await shows('Failed');
  const red = await says(/^landfall_deploy_state\{[^}]*state="Failed"\} 1$/m);
  if (isInstalled('promtool')) assert.deepEqual(await firing(machine.folder, red), ['LandfallDeployFailed']);

  plantFiles(machine.registry, 'stable', { 'app.yaml': 'good: 2\n' });
  await machine.on('reconcile', 'web/app', '--wait');
  const again = await says(/^landfall_deploys_total\{[^}]*outcome="succeeded"\} 2$/m);
  const settled = await says(/^landfall_deploy_state\{[^}]*state="Succeeded"\} 1$/m);
  assert.match(again, /^landfall_deploys_total\{[^}]*outcome="failed"\} 1$/m);
  if (isInstalled('promtool')) assert.deepEqual(await firing(machine.folder, settled), []);
  await shows('Succeeded');
  // It was told to be well not long ago: the end of a failure is told even so.
  await until('the end of it to be told', () =>
    slack.heard.filter(({ body: each }) => /is at stable@sha256/.test(each)).length === 2 ? true : undefined,
  );
  const { stderr } = await serve.end('SIGTERM');
  assert.ok(!stderr.includes('canary-hook'), 'the address of a hook is a secret');
});
