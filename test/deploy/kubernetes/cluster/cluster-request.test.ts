import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { Pool } from 'undici';
import type { ClusterRequest } from '../../../../shared/deploy/kubernetes/cluster/cluster.ts';
import { requestCluster } from '../../../../shared/deploy/kubernetes/cluster/cluster-request.ts';
import { ClusterSecrets } from '../../../../shared/deploy/kubernetes/cluster/cluster-secrets.ts';
import { atEnd } from '../../../support/at-end.ts';
import { SleepingClock } from '../../../support/aws-server/aws-client-for.ts';

type Answer = (response: ServerResponse, at: number) => void;

/** Answers as an API server, or kubectl's proxy before one, does in its worse moments. */
async function openStandIn(t: TestContext, answer: Answer, signal = new AbortController().signal) {
  let requests = 0;
  const server = createServer((request, response) => {
    request.resume();
    requests += 1;
    answer(response, requests);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const pool = new Pool(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  atEnd(t, async () => {
    await pool.destroy();
    server.closeAllConnections();
    server.close();
  });
  const clock = new SleepingClock();
  const ways = {
    dispatcher: pool,
    clock,
    signal,
    told: () => 'dial tcp 10.0.0.1:443: i/o timeout',
    secrets: new ClusterSecrets(),
  };
  return {
    clock,
    requests: () => requests,
    send: (request: ClusterRequest = { method: 'GET', path: '/api/v1/namespaces/default' }) =>
      requestCluster(request, ways),
  };
}

const json = (
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
};

/** As API priority and fairness says it: https://kubernetes.io/docs/concepts/cluster-administration/flow-control/ */
const TOO_MANY = {
  kind: 'Status',
  status: 'Failure',
  message: 'too many requests, please try again later',
  reason: 'TooManyRequests',
  code: 429,
};

test('one that is asked too much is asked again when it says, and not much later', async (t) => {
  const { send, clock, requests } = await openStandIn(t, (response, at) =>
    at < 3
      ? json(response, 429, TOO_MANY, { 'retry-after': '3' })
      : json(response, 200, { kind: 'Namespace' }),
  );
  assert.deepEqual((await send()).body, { kind: 'Namespace' });
  assert.deepEqual([requests(), clock.slept], [3, [3_000, 3_000]]);
});

test('one that wants to be left alone for an hour is left to the next visit', async (t) => {
  const { send, clock, requests } = await openStandIn(t, (response) =>
    json(response, 429, TOO_MANY, { 'retry-after': '3600' }),
  );
  await assert.rejects(send(), { code: 'DEPLOY_UNAVAILABLE', message: /it answered 429: too many requests/ });
  assert.equal(requests(), 5);
  assert.ok(
    clock.slept.every((ms) => ms <= 10_000),
    clock.slept.join(),
  );
});

const PASSING: readonly (readonly [what: string, answer: Answer])[] = [
  ['a connection that is cut', (response) => void response.destroy()],
  [
    'an answer that is cut',
    (response) =>
      void response.writeHead(200, { 'content-length': '100' }).write('{', () => response.destroy()),
  ],
  [
    '502 of the proxy',
    (response) => void response.writeHead(502).end('dial tcp 10.0.0.1:443: connect: connection refused'),
  ],
  ['503', (response) => json(response, 503, { kind: 'Status', message: 'apiserver is shutting down' })],
  [
    '504 of a slow store',
    (response) =>
      json(response, 504, {
        kind: 'Status',
        reason: 'Timeout',
        message: 'request did not complete within the allotted timeout',
      }),
  ],
  [
    '500 of a slow store',
    (response) =>
      json(response, 500, {
        kind: 'Status',
        reason: 'ServerTimeout',
        message: 'etcdserver: request timed out',
      }),
  ],
];
for (const [what, answer] of PASSING) {
  test(`${what} is tried again`, async (t) => {
    const { send } = await openStandIn(t, (response, at) =>
      at === 1 ? answer(response, at) : json(response, 200, { kind: 'Namespace' }),
    );
    assert.equal((await send()).status, 200);
  });
  test(`${what} for good is for now`, async (t) => {
    const { send, requests } = await openStandIn(t, answer);
    await assert.rejects(send(), {
      code: 'DEPLOY_UNAVAILABLE',
      message: /^the API server cannot be asked \(GET \/api\/v1\/namespaces\/default\): /,
    });
    assert.equal(requests(), 5);
  });
}

test('a refusal is an answer, and is not asked again', async (t) => {
  const { send, requests } = await openStandIn(t, (response) =>
    json(response, 403, { kind: 'Status', reason: 'Forbidden' }),
  );
  assert.deepEqual([(await send()).status, requests()], [403, 1]);
});

test('what is no API server is told as that', async (t) => {
  const { send, requests } = await openStandIn(
    t,
    (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>log in</html>'),
  );
  await assert.rejects(send(), {
    code: 'DEPLOY_FAILED',
    message: /answered 200 and no object of Kubernetes: <html>log in/,
  });
  assert.equal(requests(), 1);
});

test('warnings of the API server are kept', async (t) => {
  const { send } = await openStandIn(t, (response) =>
    json(
      response,
      200,
      {},
      { warning: '299 - "policy/v1beta1 is \\"old\\"", 299 - "unknown field \\"a\\""' },
    ),
  );
  assert.deepEqual((await send()).warnings, ['policy/v1beta1 is \\"old\\"', 'unknown field \\"a\\"']);
});

test('ends with its signal', async (t) => {
  const controller = new AbortController();
  const { send } = await openStandIn(t, () => controller.abort(), controller.signal);
  await assert.rejects(send(), { code: 'CANCELLED' });
});

const PASSWORD = 'hunter2-of-the-shop';
const SECRET = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'shop' },
  stringData: { password: PASSWORD },
  data: { pin: 20_240_917, token: Buffer.from('token of the till').toString('base64') },
};

/** As typed patches and validation say it; gateways say it in no object. */
const REPEATED = `failed to create typed patch object: .stringData.password: Invalid value: "${PASSWORD}"; .data.pin: Value:20240917; "token of the till", ${SECRET.data.token}`;
const MASKED =
  'failed to create typed patch object: .stringData.password: Invalid value: "***"; .data.pin: Value:***; "***", ***';

test('what the API server repeats of a Secret is masked: in its refusals, its warnings, and after the last try', async (t) => {
  const { send } = await openStandIn(t, (response, at) => {
    if (at === 1) return json(response, 422, { kind: 'Status', message: REPEATED });
    if (at === 2) return json(response, 200, SECRET, { warning: `299 - "${PASSWORD}"` });
    if (at === 3) return void response.writeHead(500).end(REPEATED);
    return json(response, 503, { kind: 'Status', message: REPEATED });
  });
  const apply: ClusterRequest = { method: 'PATCH', path: '/api/v1/namespaces/a/secrets/shop', body: SECRET };
  assert.equal((await send(apply)).body['message'], MASKED);
  const read = await send();
  assert.deepEqual([read.body, read.warnings], [SECRET, ['***']]);
  assert.equal((await send()).body['message'], MASKED);
  await assert.rejects(send(), (error: Error) => error.message.endsWith(MASKED));
});

test('the values of a Secret that was read are masked as well; words that are none of it stay', async (t) => {
  const { send } = await openStandIn(t, (response, at) =>
    at === 1
      ? json(response, 200, { kind: 'Secret', data: { token: SECRET.data.token, on: 'eWVz' } })
      : json(response, 422, { kind: 'Status', message: 'token of the till: yes, it is' }),
  );
  await send();
  assert.equal((await send()).body['message'], '***: yes, it is');
});
