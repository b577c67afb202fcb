import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createS3Client } from '../../shared/aws/s3/client.ts';
import { s3TargetAt } from '../../shared/aws/s3/target.ts';
import { CREDENTIALS, REGION, SleepingClock } from '../support/aws-server/aws-client-for.ts';

for (const key of ['//127.0.0.1:1/stolen', 'http://127.0.0.1:1/stolen', '/\\127.0.0.1:1/stolen', '/a?b#c']) {
  test(`a signed request stays at its endpoint, whatever its path: ${key}`, async (t) => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(String(request.url));
      response.end('here');
    }).listen(0, '127.0.0.1');
    t.after(() => server.close());
    t.after(() => server.closeAllConnections());
    await once(server, 'listening');
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    const client = createS3Client({
      ...{ target: s3TargetAt(url, REGION), credentials: async () => CREDENTIALS },
      clock: new SleepingClock(),
    });
    assert.equal((await client.send({ method: 'GET', key })).text, 'here');
    assert.equal(seen.length, 1);
    assert.doesNotMatch(seen[0] ?? '', /[?#]/, 'nor is any of it a query');
  });
}
