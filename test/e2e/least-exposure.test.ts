import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { receiverPath } from '../../shared/trigger/receivers/open-receiver.ts';
import { landfall } from '../support/cli.ts';
import { until } from '../support/until.ts';
import { type ExposureScene, exposureScene, filesBelow } from './exposure-scene.ts';

/** A secret as it is, and as URLs, headers, JSON and dumps of bytes have it. */
const formsOf = (value: string): readonly string[] => [
  value,
  encodeURIComponent(value),
  Buffer.from(value).toString('base64').replace(/=+$/, ''),
  Buffer.from(`us:${value}`).toString('base64').replace(/=+$/, ''),
  Buffer.from(value).toString('hex'),
];

type Places = Map<string, string>;

/** What a person or a machine can read of it while it runs: all that the commands and pages say. */
async function look({ store, documents, metrics, console }: ExposureScene): Promise<Places> {
  const places: Places = new Map();
  const commands: readonly (readonly string[])[] = [
    ...['sources', 'artifacts', 'events', 'deploys'].map((what) => ['get', what, '--store', store]),
    ...['app', 'absent', 'signed'].map((name) => ['status', `web/${name}`, '--store', store]),
    ...['app', 'absent'].map((name) => ['history', `web/${name}`, '--store', store]),
    ...['live', 'script', 'tell', 'cluster'].map((name) => ['logs', name, '--store', store]),
    ...['app', 'signed'].map((name) => ['explain', `web/${name}`, '-f', documents]),
    ['validate', documents],
    ['fsck', '--store', store],
  ];
  for (const argv of commands)
    for (const form of [[], ['--json']]) {
      const { stdout, stderr } = await landfall([...argv, ...form]);
      places.set([...argv, ...form].join(' '), `${stdout}\n${stderr}`);
    }
  const paths = [
    '/',
    '/sources',
    '/deploys',
    '/events',
    '/sources/web/app',
    '/sources/web/signed',
    '/deploys/script',
    '/deploys/tell',
    '/login',
  ];
  for (const url of [`${metrics}/metrics`, `${metrics}/healthz`, ...paths.map((path) => `${console}${path}`)])
    places.set(url, await (await fetch(url)).text());
  return places;
}

/** Everything that the process and those it started were called with. */
function argumentsOf(pid: number): string {
  const parentOf = (child: string): string =>
    /^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${child}/stat`, 'latin1'))?.[1] ?? '';
  const isOurs = (child: string): boolean => {
    try {
      return child === String(pid) || parentOf(child) === String(pid);
    } catch {
      return false;
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isOurs(name))
    .map((name) => readFileSync(`/proc/${name}/cmdline`, 'latin1'))
    .join('\n');
}

test('no secret of any kind is anywhere that Landfall writes, whatever it does and fails at', async (t) => {
  const scene = await exposureScene(t);
  const { secrets, others, serve, folder, store } = scene;
  await serve.logged('deploy applied', { deploy: 'live' });
  const failed = (name: string) =>
    until(`${name} to have failed`, async () =>
      (await landfall(['get', 'deploys', '--store', store])).stdout
        .split('\n')
        .find((line) => line.startsWith(name) && /Failed|Waiting/.test(line)),
    );
  for (const name of ['script', 'tell']) await failed(name);
  await serve.logged('reconcile failed', { source: 'web/refused' });
  await until('the storage that is signed for to be asked', () =>
    others.heard.find(({ path }) => path.includes(secrets['SIGNED'] ?? '')),
  );
  for (const path of ['/chat/', '/denied', '/v1/traces'])
    await until(`${path} to be asked`, () => others.heard.find((heard) => heard.path.startsWith(path)));
  const receivers = [
    receiverPath({ type: 'distribution', name: 'hub' }, secrets['HOOK'] ?? ''),
    receiverPath({ type: 'harbor', name: 'harbor' }, secrets['HARBOR'] ?? ''),
  ];
  const [hub = '', harbor = ''] = receivers;
  for (const [path, authorization] of [
    [hub, `Bearer ${secrets['HOOK']}`],
    [hub, 'Bearer wrong'],
    [harbor, secrets['HARBOR'] ?? ''],
    [`${harbor}x`, 'wrong'],
  ] as const)
    await fetch(`${serve.url}${path}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: '{"events":[]}',
    });
  await fetch(`${scene.console}/login`, {
    method: 'POST',
    body: new URLSearchParams({ token: secrets['CONSOLE'] ?? '' }),
    redirect: 'manual',
  });

  const places = await look(scene);
  if (process.platform === 'linux') places.set('the arguments of its processes', argumentsOf(serve.pid));
  const copy = join(folder, 'copy');
  assert.equal((await landfall(['backup', copy, '--store', store])).code, 0);
  const { stdout, stderr } = await serve.end('SIGTERM');
  places.set('the log', `${stdout}\n${stderr}`);
  for (const [name, text] of [...filesBelow(store), ...filesBelow(copy)]) places.set(name, text);
  // Of what it sends: bodies, which others keep. Headers and addresses are where secrets belong.
  for (const { path, body } of others.heard)
    places.set(`what ${path.slice(0, 6)} was sent: ${places.size}`, body);

  const all = { ...secrets, ...Object.fromEntries(receivers.map((path, at) => [`PATH${at}`, path])) };
  assert.ok(places.size > 50, `${places.size} places`);
  for (const [place, text] of places)
    for (const [kind, value] of Object.entries(all))
      for (const form of formsOf(value))
        assert.ok(
          !text.includes(form),
          `${kind} is in ${place}: …${text.slice(Math.max(0, text.indexOf(form) - 300), text.indexOf(form))}`,
        );
  t.diagnostic(`${places.size} places, ${Object.keys(all).length} secrets`);
});
