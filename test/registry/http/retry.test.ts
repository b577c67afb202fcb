import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, systemClock } from '../../../shared/clock.ts';
import { CONNECTION_DOUBT_MS, RETRY_AFTER_WAIT_MS } from '../../../shared/limits.ts';
import {
  failure,
  MANIFEST_DIGEST,
  ociError,
  type Script,
  sendJson,
  sendManifest,
  startClient,
  startScripted,
  steppedClock,
} from '../scripted-registry.ts';

/** Answers `bad` so many times, then rightly. */
const recovering =
  (times: number, bad: Script): Script =>
  (seen, response, count) =>
    count <= times ? bad(seen, response, count) : sendManifest(seen, response);
const status =
  (code: number, headers: Record<string, string> = {}): Script =>
  (_, response) =>
    void response.writeHead(code, headers).end();

const STATUSES: readonly (readonly [number, number, string])[] = [
  [408, 3, 'REGISTRY_UNAVAILABLE'],
  [425, 3, 'REGISTRY_UNAVAILABLE'],
  [499, 3, 'REGISTRY_UNAVAILABLE'],
  [520, 3, 'REGISTRY_UNAVAILABLE'],
  [521, 3, 'REGISTRY_UNAVAILABLE'],
  [522, 3, 'REGISTRY_UNAVAILABLE'],
  [523, 3, 'REGISTRY_UNAVAILABLE'],
  [524, 3, 'REGISTRY_UNAVAILABLE'],
  [529, 3, 'REGISTRY_UNAVAILABLE'],
  [530, 3, 'REGISTRY_UNAVAILABLE'],
  [598, 3, 'REGISTRY_UNAVAILABLE'],
  [599, 3, 'REGISTRY_UNAVAILABLE'],
  [505, 1, 'REGISTRY_UNAVAILABLE'],
  [507, 1, 'REGISTRY_UNAVAILABLE'],
  [511, 1, 'REGISTRY_UNAVAILABLE'],
  [525, 1, 'REGISTRY_UNAVAILABLE'],
  [526, 1, 'REGISTRY_UNAVAILABLE'],
  [401, 1, 'UNAUTHORIZED'],
  [451, 1, 'REGISTRY_PROTOCOL'],
  [429, 3, 'RATE_LIMITED'],
  [500, 3, 'REGISTRY_UNAVAILABLE'],
  [502, 3, 'REGISTRY_UNAVAILABLE'],
  [503, 3, 'REGISTRY_UNAVAILABLE'],
  [504, 3, 'REGISTRY_UNAVAILABLE'],
  [501, 1, 'REGISTRY_UNAVAILABLE'],
  [400, 1, 'REGISTRY_PROTOCOL'],
  [403, 1, 'FORBIDDEN'],
  [404, 1, 'TAG_NOT_FOUND'],
  [405, 1, 'REGISTRY_PROTOCOL'],
  [410, 1, 'REGISTRY_PROTOCOL'],
  [412, 1, 'FORBIDDEN'],
];
for (const [code, tries, wanted] of STATUSES) {
  test(`${code} is ${wanted} after ${tries} ${tries === 1 ? 'try' : 'tries'}`, async (t) => {
    const registry = await startScripted(t, status(code));
    const client = startClient(t);
    await assert.rejects(client.manifest(registry.repository, 'v1'), failure(wanted));
    assert.deepEqual(
      client.facts.map(({ attempt }) => attempt),
      Array.from({ length: tries }, (_, at) => at + 1),
    );
  });
}

for (const [name, bad] of [
  ['a 503', status(503)],
  ['a reset before the head', (_, response) => void response.destroy()],
  [
    'a reset in the body',
    (_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('{', () => response.destroy());
    },
  ],
] as readonly (readonly [string, Script])[]) {
  test(`recovers from ${name}`, async (t) => {
    const registry = await startScripted(t, recovering(2, bad));
    assert.equal((await startClient(t).manifest(registry.repository, 'v1')).digest, MANIFEST_DIGEST);
    assert.equal(registry.seen.length, 3);
  });
}

test('an unreachable registry is REGISTRY_UNREACHABLE at once', async (t) => {
  const client = startClient(t);
  const repository = { registry: '127.0.0.1:1', repository: 'a' };
  await assert.rejects(
    client.manifest(repository, 'v1'),
    failure('REGISTRY_UNREACHABLE', /127\.0\.0\.1:1/, /nothing listens/),
  );
  assert.equal(client.facts.length, 1);
});

test('a host that DNS does not know is named', async (t) => {
  const client = startClient(t, { attempts: 1 });
  const repository = { registry: 'no-such-host.invalid', repository: 'a' };
  await assert.rejects(
    client.manifest(repository, 'v1'),
    failure('REGISTRY_UNREACHABLE', /no-such-host\.invalid/, /DNS/),
  );
});

const WAITS: readonly (readonly [string, Script, number])[] = [
  ['seconds', status(429, { 'retry-after': '7' }), 7000],
  ['a date', status(503, { 'retry-after': 'Sat, 21 Nov 2026 08:00:09 GMT' }), 9000],
  [
    "GHCR's body, under 403",
    (_, r) => sendJson(r, 403, ociError('TOOMANYREQUESTS', 'retry-after: 1200.5ms, allowed: 2000/minute')),
    1201,
  ],
  [
    '403 with Retry-After',
    (_, r) => sendJson(r, 403, ociError('TOOMANYREQUESTS', 'slow down'), { 'retry-after': '7' }),
    7000,
  ],
  [
    "GitHub's secondary limit",
    (_, r) =>
      sendJson(
        r,
        403,
        { message: 'You have exceeded a secondary rate limit. Please wait a few minutes.' },
        {
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset': String(Date.parse('2026-11-21T08:00:06Z') / 1000),
        },
      ),
    6000,
  ],
  [
    "Docker Hub's abuse limit",
    status(429, { 'x-retry-after': String(Date.parse('2026-11-21T08:00:03Z') / 1000) }),
    3000,
  ],
  ["GitLab's RateLimit-Reset", status(429, { 'ratelimit-reset': '4' }), 4000],
  [
    "GHCR's body",
    (_, r) => sendJson(r, 429, ociError('TOOMANYREQUESTS', 'retry-after: 1200.5ms, allowed: 2000/minute')),
    1201,
  ],
];
for (const [name, bad, wait] of WAITS) {
  test(`waits as long as ${name} says`, async (t) => {
    const clock = steppedClock();
    const registry = await startScripted(t, recovering(1, bad));
    await startClient(t, { clock }).manifest(registry.repository, 'v1');
    assert.deepEqual(clock.slept, [wait]);
  });
}

for (const [seconds, tries] of [
  [RETRY_AFTER_WAIT_MS / 1000, 2],
  [RETRY_AFTER_WAIT_MS / 1000 + 1, 1],
] as const) {
  test(`asked to wait ${seconds} s, tries ${tries} times`, async (t) => {
    const registry = await startScripted(t, recovering(1, status(429, { 'retry-after': String(seconds) })));
    const call = startClient(t, { clock: steppedClock() }).manifest(registry.repository, 'v1');
    const outcome = await call.catch((error: { code: string; retryAfterMs: number }) => [
      error.code,
      error.retryAfterMs,
    ]);
    if (tries === 1) assert.deepEqual(outcome, ['RATE_LIMITED', seconds * 1000]);
    assert.equal(registry.seen.length, tries);
  });
}

for (const code of [429, 503]) {
  test(`a ${code} that asks to wait an hour says so`, async (t) => {
    const registry = await startScripted(t, status(code, { 'retry-after': '3600' }));
    await assert.rejects(
      startClient(t, { clock: steppedClock() }).manifest(registry.repository, 'v1'),
      failure(code === 429 ? 'RATE_LIMITED' : 'REGISTRY_UNAVAILABLE', /It asks to wait 1h\. /),
    );
  });
}

for (const [reason, code] of [
  [new DOMException('', 'TimeoutError'), 'RATE_LIMITED'],
  [new DOMException('', 'AbortError'), 'CANCELLED'],
] as const) {
  test(`a wait that a ${reason.name} ends is ${code}`, async (t) => {
    const registry = await startScripted(t, status(429, { 'retry-after': '20' }));
    const stop = new AbortController();
    const sleep: Clock['sleep'] = (milliseconds, signal) => {
      if (milliseconds !== CONNECTION_DOUBT_MS) stop.abort(reason);
      return systemClock.sleep(milliseconds, signal);
    };
    const client = startClient(t, { clock: { now: () => 0, sleep } });
    await assert.rejects(client.manifest(registry.repository, 'v1', { signal: stop.signal }), failure(code));
  });
}

const PLAIN = { 'content-type': 'text/plain' };
const DISGUISED: readonly (readonly [string, number, string])[] = [
  ['TOOMANYREQUESTS', 403, JSON.stringify(ociError('TOOMANYREQUESTS', 'x'))],
  ['TOOMANYREQUESTS in lower case', 403, JSON.stringify(ociError('toomanyrequests', 'Rate exceeded'))],
  [
    'TOOMANYREQUESTS behind another error',
    403,
    JSON.stringify({
      errors: [
        { code: 'DENIED', message: 'x' },
        { code: 'TOOMANYREQUESTS', message: 'y' },
      ],
    }),
  ],
  [
    'DENIED for a pull rate limit',
    403,
    JSON.stringify(ociError('DENIED', 'You have reached your pull rate limit.')),
  ],
  ['UNKNOWN: Rate exceeded (ECR)', 400, JSON.stringify(ociError('UNKNOWN', 'Rate exceeded'))],
  ['a page of nginx', 403, '<html><head><title>429 Too Many Requests</title></head></html>'],
  ['Cloudflare', 403, 'error code: 1015'],
];
for (const [name, code, body] of DISGUISED) {
  test(`${code} with ${name} is a rate limit, waited out within the call`, async (t) => {
    const registry = await startScripted(
      t,
      recovering(1, (_, r) => void r.writeHead(code, PLAIN).end(body)),
    );
    assert.equal((await startClient(t).manifest(registry.repository, 'v1')).digest, MANIFEST_DIGEST);
    const stubborn = await startScripted(t, (_, r) => void r.writeHead(code, PLAIN).end(body));
    await assert.rejects(startClient(t).manifest(stubborn.repository, 'v1'), failure('RATE_LIMITED'));
    assert.equal(stubborn.seen.length, 3);
  });
}

for (const said of [
  'requested access to the resource is denied',
  'denied: project quota exceeded',
  'no access to team/rate-limit-service',
  'repository team/throttle: not yours',
]) {
  test(`403 that says "${said}" is no rate limit, and is asked once`, async (t) => {
    const registry = await startScripted(t, (_, r) => sendJson(r, 403, ociError('DENIED', said)));
    await assert.rejects(startClient(t).manifest(registry.repository, 'v1'), failure('FORBIDDEN'));
    assert.equal(registry.seen.length, 1);
  });
}

for (const [code, wanted] of [
  [403, 'FORBIDDEN'],
  [404, 'TAG_NOT_FOUND'],
] as const) {
  test(`a web page with ${code} is ${wanted}, and is said to be one`, async (t) => {
    const page = '<!DOCTYPE html><html><body>Sign in</body></html>';
    const registry = await startScripted(
      t,
      (_, r) => void r.writeHead(code, { 'content-type': 'text/html' }).end(page),
    );
    await assert.rejects(startClient(t).manifest(registry.repository, 'v1'), failure(wanted, /web page/));
  });
}
