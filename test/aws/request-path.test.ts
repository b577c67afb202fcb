import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { awsClientFor, SleepingClock } from '../support/aws-server/aws-client-for.ts';

for (const path of ['//127.0.0.1:1/stolen', 'http://127.0.0.1:1/stolen', '/\\127.0.0.1:1/stolen', '/a?b#c']) {
  test(`a signed request stays at its endpoint, whatever its path: ${path}`, async (t) => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(String(request.url));
      response.end('here');
    }).listen(0, '127.0.0.1');
    t.after(() => server.close());
    t.after(() => server.closeAllConnections());
    await once(server, 'listening');
    const client = awsClientFor(
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      new SleepingClock(),
    );
    const reply = await client.send({ service: 's3', method: 'GET', path });
    assert.equal(reply.ok && reply.value.body.toString(), 'here');
    assert.equal(seen.length, 1);
    assert.doesNotMatch(seen[0] ?? '', /[?#]/, 'nor is any of it a query');
  });
}
