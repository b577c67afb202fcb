import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { userAgentOf } from '../../../shared/registry/http/user-agent.ts';
import { VERSION } from '../../../shared/version.ts';
import { ALICE, failure, sendManifest, startClient, startScripted } from '../scripted-registry.ts';

test('the version is the package’s', () => {
  const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  assert.equal(VERSION, manifest.version);
});

test('who we are goes with every request: to the registry, its token service and its storage', async (t) => {
  const storage = await startScripted(t, sendManifest);
  const registry = await startScripted(t, (seen, response) => {
    const host = `http://${seen.headers.host}`;
    if (seen.path.startsWith('/token')) response.end('{"token":"t"}');
    else if (seen.headers.authorization) response.writeHead(307, { location: `${storage.origin}/m` }).end();
    else if (seen.path !== '/v2/') response.writeHead(404).end();
    else response.writeHead(401, { 'www-authenticate': `Bearer realm="${host}/token"` }).end();
  });
  const env = { LANDFALL_USER_AGENT: '(team web; ops@web.example)' };
  await startClient(t, { credential: ALICE, env }).manifest(registry.repository, 'v1');
  const seen = [...registry.seen, ...storage.seen].map(({ headers }) => headers['user-agent']);
  assert.deepEqual(seen, Array(5).fill(`landfall/${VERSION} (team web; ops@web.example)`));
});

test('without a name for the installation it is the version alone', () => {
  for (const nothing of [undefined, '', ' ']) assert.equal(userAgentOf(nothing), `landfall/${VERSION}`);
});

for (const bad of ['a\r\nx-evil: 1', 'naïve', 'x'.repeat(201), '\u0000']) {
  test(`a name that cannot stand in a header is refused: ${JSON.stringify(bad.slice(0, 20))}`, () => {
    assert.throws(() => userAgentOf(bad), failure('CONFIG_INVALID', /LANDFALL_USER_AGENT/));
  });
}
