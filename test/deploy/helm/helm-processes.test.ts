import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { findHelm } from '../../../shared/deploy/helm/program/helm-program.ts';
import { openHelmProxy } from '../../../shared/deploy/helm/program/helm-proxy.ts';
import { type HelmAccess, openHelm } from '../../../shared/deploy/helm/program/open-helm.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'landfall-test-helm-'));
});
after(() => rm(folder, { recursive: true, force: true }));

async function script(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${text}`);
  await chmod(path, 0o755);
  return path;
}

const signal = AbortSignal.timeout(60_000);
const accessOf = (program: string): HelmAccess => ({
  program: { program, version: 'v4.1.4', major: 4 },
  socket: join(folder, 'nobody'),
  fence: undefined,
  context: { signal, claimFor: async () => undefined },
});

test('helm is given nothing of the environment, no login and no plugin, and its folder is removed', async () => {
  process.env['AWS_SECRET_ACCESS_KEY'] = 'not for helm';
  const path = await script('env', '/usr/bin/env; /bin/cat "$KUBECONFIG"; /bin/ls -a "$HOME" >&2');
  const open = await openHelm(accessOf(path));
  const { stdout, code } = await open.helm.run(['list']);
  delete process.env['AWS_SECRET_ACCESS_KEY'];
  await open[Symbol.asyncDispose]();
  assert.equal(code, 0);
  const names = stdout
    .split('\n')
    .filter((line) => /^[A-Z_]+=/.test(line))
    .map((line) => line.split('=', 1)[0])
    .toSorted();
  assert.deepEqual(names, [
    ...['HELM_CACHE_HOME', 'HELM_CONFIG_HOME', 'HELM_DATA_HOME', 'HELM_PLUGINS', 'HELM_REGISTRY_CONFIG'],
    ...[
      'HELM_REPOSITORY_CONFIG',
      'HOME',
      'HTTPS_PROXY',
      'HTTP_PROXY',
      'KUBECONFIG',
      'LANDFALL_RUN',
      'NO_PROXY',
      'PATH',
      'PWD',
    ],
    'TMPDIR',
  ]);
  assert.match(stdout, /"user":\{\}/);
  assert.match(stdout, /"server":"http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{64}"/);
  await assert.rejects(readdir(open.helm.folder), { code: 'ENOENT' });
});

test('a helm that is not there, is too old, or is none is told with what to do', async () => {
  const old = await script('old', 'echo v3.9.0');
  const none = await script('none', 'echo hello');
  const find = (program: string) => findHelm(signal, { LANDFALL_HELM: program });
  const hint = /LANDFALL_HELM.*lambda-layer-kubectl/;
  await assert.rejects(find(join(folder, 'absent')), {
    code: 'DEPLOY_FAILED',
    message: /^helm is not there: looked for/,
    hint,
  });
  await assert.rejects(find(old), { message: /old is v3\.9\.0, wanted v3\.13 or newer/, hint });
  await assert.rejects(find(none), { message: /names no version/, hint });
  const { version, major } = await find(await script('new', 'echo v4.1.4'));
  assert.deepEqual([version, major], ['v4.1.4', 4]);
});

test('the way to the cluster is for who knows it, passes on what comes as it comes, and keeps to its fence', async () => {
  const socket = join(folder, 'socket');
  const asked: string[] = [];
  const server = createServer((from, to) => {
    asked.push(`${from.method} ${from.url} ${from.headers.host}`);
    to.write('{"first":1}\n');
    setTimeout(() => to.end('{"second":2}\n'), 200);
  }).listen(socket);
  const fence = { namespaces: ['web'], clusterResources: [] };
  await using proxy = await openHelmProxy({ socket, fence });
  const get = (url: string): Promise<{ status: number | undefined; chunks: readonly string[] }> =>
    new Promise((resolve, reject) => {
      request(url, (answer) => {
        const chunks: string[] = [];
        answer.setEncoding('utf8').on('data', (text: string) => chunks.push(text));
        answer.on('end', () => resolve({ status: answer.statusCode, chunks }));
      })
        .on('error', reject)
        .end();
    });
  const path = '/api/v1/namespaces/web/pods?watch=true';
  assert.deepEqual(await get(`${proxy.server}${path}`), {
    status: 200,
    chunks: ['{"first":1}\n', '{"second":2}\n'],
  });
  assert.equal((await get(`${proxy.server}/api/v1/nodes`)).status, 403);
  const { origin } = new URL(proxy.server);
  assert.equal((await get(`${origin}${path}`)).status, 403);
  assert.equal((await get(`${origin}/${'0'.repeat(64)}${path}`)).status, 403);
  assert.deepEqual(asked, [`GET ${path} localhost`]);
  server.close();
});

test('a helm that is told to end is ended, and says that it took too long', async () => {
  const controller = new AbortController();
  const path = await script(
    'slow',
    `trap 'echo told > ${join(folder, 'told')}; exit 1' TERM\n/bin/sleep 30 & wait`,
  );
  const access = accessOf(path);
  await using open = await openHelm({ ...access, context: { ...access.context, signal: controller.signal } });
  setTimeout(() => controller.abort(new Error('enough')), 300);
  await assert.rejects(open.helm.run(['upgrade']), { code: 'CANCELLED' });
  assert.equal(await readFile(join(folder, 'told'), 'utf8'), 'told\n');
});
