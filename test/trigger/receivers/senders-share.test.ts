import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { AddressShares, remoteOf } from '../../../shared/trigger/address-shares.ts';
import { type HttpListenerOptions, startHttpListener } from '../../../shared/trigger/http-listener.ts';

const PER_ADDRESS = 4;

async function listening(t: TestContext, options: Partial<HttpListenerOptions> = {}): Promise<number> {
  const listener = await startHttpListener(
    { host: '127.0.0.1', port: 0, closeGraceMs: 20, perAddress: PER_ADDRESS, ...options },
    { refuseHead: () => undefined, receive: async ({ path }) => ({ status: 202, body: path }) },
  );
  t.after(() => listener.close());
  return Number(new URL(listener.url).port);
}

/** Opens a connection from an address of this machine and leaves it at that. */
async function halfOpen(t: TestContext, port: number, from: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from });
  socket.on('error', () => undefined);
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

const deliver = (port: number, from: string, target = '/hook'): Promise<readonly [number, string]> =>
  new Promise((resolve, reject) => {
    const options = {
      port,
      host: '127.0.0.1',
      localAddress: from,
      method: 'POST',
      path: target,
      agent: false,
    };
    const sent = request(options, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve([response.statusCode ?? 0, body]));
    });
    sent.on('error', reject);
    sent.end('{}');
  });

const isLinux = process.platform === 'linux';

// 3,768 half-open connections of one host had 79 of 80 deliveries of others fail.
test('half-open connections of one address keep nobody else out', { skip: !isLinux }, async (t) => {
  const port = await listening(t, { connections: 16 });
  for (let count = 0; count < 40; count += 1) await halfOpen(t, port, '127.0.0.2');
  for (let count = 0; count < 10; count += 1)
    assert.deepEqual(await deliver(port, '127.0.0.3'), [202, '/hook']);
  await assert.rejects(deliver(port, '127.0.0.2'), 'it holds its share');
});

test('an address gets its share back when it lets go', { skip: !isLinux }, async (t) => {
  const port = await listening(t);
  const held: Socket[] = [];
  for (let count = 0; count < PER_ADDRESS; count += 1) held.push(await halfOpen(t, port, '127.0.0.2'));
  await assert.rejects(deliver(port, '127.0.0.2'));
  for (const socket of held) socket.destroy();
  for (let attempt = 0; ; attempt += 1) {
    const status = await deliver(port, '127.0.0.2').then(
      ([code]) => code,
      () => 0,
    );
    if (status === 202) break;
    assert.ok(attempt < 100, 'it never got its share back');
    await new Promise((done) => setTimeout(done, 10));
  }
});

// RFC 9112, section 3.2.2.
for (const [target, path] of [
  ['http://landfall.example/hook?x=1', '/hook?x=1'],
  ['HTTPS://landfall.example:8443/hook', '/hook'],
  ['http://landfall.example', '/'],
  ['http://landfall.example?x', '/?x'],
  ['/hook/http://x/', '/hook/http://x/'],
] as const)
  test(`the request target ${target} is ${path}`, async (t) => {
    assert.deepEqual(await deliver(await listening(t), '127.0.0.1', target), [202, path]);
  });

for (const [address, sender] of [
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  [undefined, ''],
] as const)
  test(`${address} counts for ${sender || 'nobody'}`, () => assert.equal(remoteOf(address), sender));

test('a share is given back once for each time it was taken', () => {
  const shares = new AddressShares(2);
  assert.deepEqual(
    [shares.take('a'), shares.take('a'), shares.take('a'), shares.take('b')],
    [true, true, false, true],
  );
  shares.give('a');
  assert.deepEqual([shares.take('a'), shares.take('a')], [true, false]);
});
