import assert from 'node:assert/strict';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createTokenPost } from '../../shared/credentials/cloud/token-post.ts';

/** Something on loopback that counts who connects. */
async function listen(t: TestContext) {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

const formTo = (url: string) => ({
  ...{ what: 'the service', url, hint: 'none' },
  body: new URLSearchParams({ client_secret: 'canary' }),
});

for (const host of ['127.0.0.1', 'localhost', '[::1]', '169.254.169.254']) {
  test(`no secret is sent to ${host}, whatever a name resolves to`, async (t) => {
    const { port, connections } = await listen(t);
    await assert.rejects(createTokenPost({ env: {} })(formTo(`https://${host}:${port}/token`)), {
      code: 'ADDRESS_DENIED',
    });
    assert.equal(connections(), 0);
  });
}

test('a proxy of the environment is asked for a tunnel, and sees no secret', async (t) => {
  const asked: string[] = [];
  const proxy = createHttpServer().on('connect', (request, socket) => {
    asked.push(`${request.method} ${request.url}`);
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.after(() => proxy.close());
  const env = { HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
  const post = createTokenPost({ env })(formTo('https://oauth2.googleapis.com/token'));
  await assert.rejects(post, (error) => {
    assert.ok(error instanceof Error && 'code' in error);
    assert.match(String(error.code), /^REGISTRY_/);
    assert.doesNotMatch(error.message, /canary/);
    return true;
  });
  assert.deepEqual(asked, ['CONNECT oauth2.googleapis.com:443']);
});

test('who does not answer, or hangs up, is a failure for the moment', async (t) => {
  const { port, connections } = await listen(t);
  const standIns = new Map([['https://sts.googleapis.com', `http://127.0.0.1:${port}`]]);
  const post = createTokenPost({ env: {}, standIns })(formTo('https://sts.googleapis.com/v1/token'));
  await assert.rejects(post, { kind: 'transient', message: /the service/ });
  assert.ok(connections() >= 1);
});
