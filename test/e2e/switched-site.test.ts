import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { SWITCH_RESPONSE_CODE, switchRequestCode } from '../../infra/site-switch-functions.ts';
import { siteKindWorld } from '../deploy/site/site-kind-world.ts';
import type { Files } from '../support/artifacts/sample-artifacts.ts';
import { keyValueStoreFor, STORE_ARN } from '../support/key-value-store/key-value-store-server.ts';
import { skipWithout } from '../support/programs/tool.ts';

const run = promisify(execFile);
const SWITCH_KEY = 'site:current';
const SKIP = skipWithout(['chromium'], 'a switch in a browser');

type Handler = (event: object) => Promise<{ uri: string }>;
type Cookies = Readonly<Record<string, { readonly value: string }>>;

/** A function of CloudFront as its runtime would have it. */
const functionOf = (code: string, keys: ReadonlyMap<string, string>): Handler =>
  new Function('cf', `${code.replace(/^import .*$/m, '')}; return handler;`)({
    kvs: () => ({ get: async (key: string) => keys.get(key) }),
  }) as Handler;

const cookiesOf = (header = ''): Cookies =>
  Object.fromEntries(
    header.split(/; ?/).flatMap((each) => {
      const [name, value] = each.split('=');
      return name && value ? [[name, { value }]] : [];
    }),
  );

/** What a page and all that it loads say of the revision they are of. */
const revisionOf = (text: string) => ({
  'index.html': `<html><body><p class="r">${text}</p><script src="one.js"></script><script src="two.js"></script></body></html>`,
  'one.js': `document.body.append(' one:${text} ');`,
  'two.js': `document.body.append(' two:${text} ');`,
});

/** A distribution in front of the bucket of a site; `between` runs after a page and before what it loads. */
async function distributionFor(t: TestContext, between: () => Promise<unknown>) {
  const kvs = await keyValueStoreFor(t);
  const moved = { keyValueStore: STORE_ARN, key: SWITCH_KEY };
  const world = await siteKindWorld(t, { prefix: 'www', switch: moved }, kvs.url);
  let run = 0;
  const deploy = async (files: Files): Promise<void> => {
    run += 1;
    const { state } = await world.step({ run, files });
    assert.equal(state, 'succeeded');
  };
  const onRequest = functionOf(switchRequestCode({ key: SWITCH_KEY, prefix: 'www' }), kvs.keys);
  const onResponse = functionOf(SWITCH_RESPONSE_CODE, kvs.keys);
  const paths: string[] = [];
  const server = createServer(async ({ url = '/', headers }, response) => {
    if (url.endsWith('one.js')) await between();
    const { uri } = await onRequest({ request: { uri: url, cookies: cookiesOf(headers.cookie) } });
    paths.push(uri);
    const stored = world.bucket.objects.get(uri.slice(1));
    const type = stored?.contentType ?? 'text/html';
    const told = (await onResponse({
      request: { uri },
      response: { headers: { 'content-type': { value: type } } },
    })) as { readonly cookies?: Cookies };
    const release = told.cookies?.['landfall-release'];
    response.writeHead(stored === undefined ? 404 : 200, {
      'content-type': type,
      'cache-control': stored?.cacheControl ?? 'no-cache',
      ...(release !== undefined && { 'set-cookie': `landfall-release=${release.value}; Path=/` }),
    });
    response.end(stored?.bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { deploy, paths, url: `http://127.0.0.1:${port}/` };
}

async function seen(url: string): Promise<readonly string[]> {
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'];
  const { stdout } = await run('chromium', [...flags, '--virtual-time-budget=5000', '--dump-dom', url], {
    timeout: 60_000,
  });
  const body = stdout.slice(stdout.indexOf('<body>'));
  return [...body.matchAll(/(?:class="r">|one:|two:)(\w+)/g)].map(([, revision = '']) => revision);
}

test('a browser sees one revision whole, before, during and after a switch', { skip: SKIP }, async (t) => {
  let isSwitched = true;
  const site = await distributionFor(t, async () => {
    if (isSwitched) return;
    isSwitched = true;
    await site.deploy(revisionOf('second'));
  });
  await site.deploy(revisionOf('first'));
  const shown = async () => (await seen(site.url)).join(' ');
  assert.equal(await shown(), 'first first first');
  isSwitched = false;
  assert.equal(await shown(), 'first first first', 'the page that was open while the key was moved');
  assert.equal(isSwitched, true);
  assert.equal(await shown(), 'second second second');
});

test('a cookie chooses among releases of the site, and nothing else of the bucket', async () => {
  const handler = functionOf(
    switchRequestCode({ key: SWITCH_KEY, prefix: 'www' }),
    new Map([[SWITCH_KEY, 'www/releases/x']]),
  );
  for (const value of ['../secret', 'a'.repeat(63), `${'a'.repeat(64)}/..`, 'A'.repeat(64)]) {
    const cookies = { 'landfall-release': { value } };
    const { uri } = await handler({ request: { uri: '/site.css', cookies } });
    assert.equal(uri, '/www/releases/x/site.css');
  }
});
