import assert from 'node:assert/strict';
import { readlink, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { startEmbeddedRegistry } from '../../../embedded-registry/embedded-registry.ts';
import { serve } from '../../../local/serve.ts';
import { systemClock } from '../../../shared/clock.ts';
import { WatchedFiles } from '../../../shared/credentials/watched-files.ts';
import type { LogFields } from '../../../shared/log.ts';
import { parseDocuments } from '../../../shared/source/document.ts';
import { startClient } from '../../registry/scripted-registry.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { atEnd } from '../../support/at-end.ts';
import { documentOf, folderFor } from '../../support/cli.ts';
import { openServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';
import { eventsOfKind } from '../../support/programs/serving.ts';
import { until } from '../../support/until.ts';

/** `serve` in this process, whose deploys look again in no time. */
async function looking(t: TestContext, deploys: (folder: string) => string) {
  const registry = await startEmbeddedRegistry();
  atEnd(t, () => registry.close());
  plantFiles(registry, 'stable', { 'app.yaml': 'a: 1\n', 'docs/a.md': 'one' });
  const folder = await folderFor(t);
  const text = (entries: string) =>
    `sources: [{ name: app, url: "oci://${registry.host}/team/app", ref: { tag: stable }, interval: 24h }]\ndeploys: [${entries}]`;
  const configuration = (entries: string) => parseDocuments([{ file: 'x.yaml', text: text(entries) }]);
  const lines: { readonly level: string; readonly message: string; readonly fields: LogFields }[] = [];
  const serving = await serve({
    configuration: configuration(deploys(folder)),
    where: join(folder, 'store'),
    registry: startClient(t),
    durable: false,
    deployLookMs: 50,
    secrets: { env: {}, files: new WatchedFiles(systemClock) },
    log: (level, message, fields = {}) => lines.push({ level, message, fields }),
  });
  atEnd(t, () => serving.close());
  const said = (message: string, count = 1) =>
    until(`${count} × ${message}`, () => {
      const found = lines.filter((line) => line.message === message);
      return found.length >= count ? found : undefined;
    });
  return {
    registry,
    folder,
    serving,
    said,
    lines,
    replace: (entries: string) => serving.replace(configuration(entries)),
  };
}

const linkAt = (path: string): Promise<string | undefined> => readlink(path).catch(() => undefined);
const link = (folder: string): string =>
  `{ name: live, kind: directory, source: app, target: "${folder}/live" }`;

test('a link that somebody removed, or turned elsewhere, is put back; one that is right is left alone', async (t) => {
  const { folder, said, lines } = await looking(t, link);
  await said('deploy applied');
  const live = join(folder, 'live');
  const right = await until('the link', () => linkAt(live));
  await unlink(live);
  await until('the link to be back', async () => ((await linkAt(live)) === right ? true : undefined));
  await said('deploy applied', 2);
  await unlink(live);
  await symlink('/nowhere', live);
  await until('the link to be right', async () => ((await linkAt(live)) === right ? true : undefined));
  await said('deploy applied', 3);
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(lines.filter(({ message }) => message === 'deploy applied').length, 3);
});

test('a link follows its target in the documents, and a deploy that is added is run for what is there', async (t) => {
  const { folder, said, replace } = await looking(t, link);
  await said('deploy applied');
  const target = await until('the link', () => linkAt(join(folder, 'live')));
  await replace(
    `{ name: live, kind: directory, source: app, target: "${folder}/moved" }, { name: new, kind: command, source: app, command: [touch, "${folder}/ran"] }`,
  );
  await said('deploy applied', 3);
  assert.equal(await linkAt(join(folder, 'moved')), target);
});

test('a deploy that failed for good is run again when its document is corrected, and not before', async (t) => {
  const command = (program: string) => `{ name: b, kind: command, source: app, command: ["${program}"] }`;
  const { said, lines, replace } = await looking(t, () => command('false'));
  await said('deploy failed');
  await new Promise((resolve) => setTimeout(resolve, 500));
  assert.equal(lines.filter(({ level }) => level === 'error' || level === 'warn').length, 1);
  await replace(command('false'));
  await said('deploy failed before');
  await replace(command('true'));
  await said('deploy applied');
});

test('what fails for the moment goes on through ten tries and is delivered, and the log is told of each but once in a while', async (t) => {
  let posts = 0;
  const receiver = createServer((request, response) => {
    request.resume();
    posts += 1;
    response.writeHead(posts <= 10 ? 503 : 204).end();
  }).listen(0, '127.0.0.1');
  atEnd(t, () => receiver.close());
  const { registry, serving, said } = await looking(t, () => '');
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const text = `sources: [{ name: app, url: "oci://${registry.host}/team/app", ref: { tag: stable }, interval: 24h }]\ndeploys: [{ name: tell, kind: http, source: app, url: "${url}" }]`;
  await said('landed');
  const configuration = parseDocuments([{ file: 'x.yaml', text }]);
  // Each change of the documents has it tried at once, so that the test need not wait the minutes out.
  for (let tries = 1; tries <= 11; tries += 1) {
    await serving.replace(configuration);
    await until(`post ${tries}`, () => (posts >= tries ? true : undefined));
  }
  await said('deploy applied');
});

test('without its log of events a start still applies what was landed and not deployed', async (t) => {
  const machine = await openServeMachine(t);
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'a: 1\n' });
  const sources = [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')];
  await machine.write({ sources });
  const first = await machine.serve();
  await eventsOfKind(machine.store, 'Artifact Revision Changed');
  await first.end('SIGTERM');
  await rm(join(machine.store, 'events'), { recursive: true });
  await machine.write({
    sources,
    deploys: [`{ name: live, kind: directory, source: web/app, target: "${machine.live}" }`],
  });
  const second = await machine.serve();
  await second.logged('deploy applied', { deploy: 'live' });
});

test('serve --once exits with 1 where a deploy failed, names it, and counts it with --json', async (t) => {
  const machine = await openServeMachine(t);
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'a: 1\n' });
  const deploys = (program: string) => [
    `{ name: live, kind: directory, source: web/app, target: "${machine.live}" }`,
    `{ name: build, kind: command, source: web/app, command: ["${program}"] }`,
  ];
  const sources = [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')];
  await machine.write({ sources, deploys: deploys('false') });
  const once = (...more: readonly string[]) => machine.on('serve', '-f', machine.sources, '--once', ...more);
  for (const told of ['first', 'second']) {
    const { code, stdout } = await once();
    assert.equal(code, 1, told);
    assert.equal(stdout, '1 ready, 0 suspended, 0 not ready; deploys that failed: build of web/app\n');
  }
  const json = await once('--json');
  assert.equal(json.code, 1);
  const { deploys: counted } = JSON.parse(json.stdout) as { readonly deploys: unknown };
  assert.deepEqual(counted, { succeeded: 1, failed: ['build of web/app'] });
  const [build] = documentOf<readonly Record<string, unknown>[]>(
    await machine.on('get', 'deploys', '--json'),
  );
  assert.partialDeepStrictEqual(build, { deploy: 'build', state: 'Failed', tries: 1, next: null });
  assert.match(String(build?.['message']), /^DEPLOY_FAILED: deploy build: false exited with 1/);
  await machine.write({ sources, deploys: deploys('true') });
  assert.equal((await once()).code, 0);
});

test('get deploys has a row for a ledger that cannot be read, and all the others', async (t) => {
  const machine = await openServeMachine(t);
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'a: 1\n' });
  await machine.write({
    sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')],
    deploys: [
      `{ name: live, kind: directory, source: web/app, target: "${machine.live}" }`,
      '{ name: torn, kind: command, source: web/app, command: ["true"] }',
    ],
  });
  assert.equal((await machine.on('serve', '-f', machine.sources, '--once')).code, 0);
  await writeFile(join(machine.store, 'deploys/torn/web/app.json'), '{');
  const { code, stdout } = await machine.on('get', 'deploys');
  assert.equal(code, 0);
  assert.match(stdout, /^live +web\/app +1 .* Succeeded /m);
  assert.match(stdout, /^torn +web\/app +- +- +Unknown +- +STORE_CORRUPT: /m);
});
