import assert from 'node:assert/strict';
import { test } from 'node:test';
import { REDIRECTS } from '../../../shared/limits.ts';
import type { Hop } from '../../../shared/registry/http/hop.ts';
import { headersAcross, nextHop } from '../../../shared/registry/http/redirect.ts';
import { failure } from '../scripted-registry.ts';

const FROM: Hop = {
  origin: 'https://r.example',
  hostname: 'r.example',
  secure: true,
  path: '/v2/a/blobs/sha256:1?x=1',
};

const FOLLOWED: readonly (readonly [string, string, string])[] = [
  [
    'https://s3.example/k?X-Amz-Signature=a%2Fb+c&d=%7e',
    'https://s3.example',
    '/k?X-Amz-Signature=a%2Fb+c&d=%7e',
  ],
  ["https://s3.example/a//b/%2E%2e/c?it='s|{}", 'https://s3.example', "/a//b/%2E%2e/c?it='s|{}"],
  ['https://s3.example', 'https://s3.example', '/'],
  ['https://s3.example?x', 'https://s3.example', '/?x'],
  ['https://s3.example:443/k#fragment', 'https://s3.example', '/k'],
  ['//cdn.example/k', 'https://cdn.example', '/k'],
  ['/other?y=%20', 'https://r.example', '/other?y=%20'],
  ['sha256:2', 'sha256:', ''],
];
for (const [location, origin, path] of FOLLOWED.slice(0, -1)) {
  test(`goes to ${location} byte for byte`, () => {
    const hop = nextHop(FROM, location, 0);
    assert.deepEqual([hop.origin, hop.path], [origin, path]);
  });
}

test('a relative location is relative to the request', () => {
  assert.equal(nextHop(FROM, './x?z', 0).path, '/v2/a/blobs/x?z');
});

const DENIED: readonly (readonly [string, string | undefined])[] = [
  ['none', undefined],
  ['empty', ''],
  ['plain http', 'http://s3.example/k'],
  ['another scheme', 'file:///etc/passwd'],
  ['a scheme-like name', 'sha256:2'],
  ['a user name', 'https://user@s3.example/k'],
  ['a backslash', 'https://good.example\\@evil.example/'],
  ['a blank', 'https://s3.example/a b'],
  ['a tab', 'https://s3.example/a\tb'],
  ['not ASCII', 'https://s3.example/ü'],
  ['no host', 'https://'],
];
for (const [name, location] of DENIED) {
  test(`refuses a location with ${name}`, () =>
    assert.throws(() => nextHop(FROM, location, 0), failure('REDIRECT_DENIED')));
}

test('the fifth redirect is the last', () => {
  assert.ok(nextHop(FROM, '/x', REDIRECTS - 1));
  assert.throws(() => nextHop(FROM, '/x', REDIRECTS), failure('REDIRECT_DENIED', /more than 5 times/));
});

test('http may go to http and to https', () => {
  const plain: Hop = { ...FROM, origin: 'http://r.example', secure: false };
  assert.equal(nextHop(plain, 'http://x.example/', 0).secure, false);
  assert.equal(nextHop(plain, 'https://x.example/', 0).secure, true);
});

test('a refusal does not show the signature', () => {
  assert.throws(
    () => nextHop(FROM, 'http://s3.example/k?X-Amz-Signature=secret', 0),
    (error: Error) => !/secret/.test(error.message),
  );
});

test('only headers that ask for content cross origins', () => {
  const headers = {
    accept: '*/*',
    'accept-encoding': 'identity',
    Range: 'bytes=0-',
    'user-agent': 'landfall',
    authorization: 'Bearer t',
    cookie: 'a=b',
    'x-registry-auth': 's',
    'private-token': 's',
  };
  assert.deepEqual(Object.keys(headersAcross(headers, false)).sort(), [
    'Range',
    'accept',
    'accept-encoding',
    'user-agent',
  ]);
  assert.equal(headersAcross(headers, true), headers);
});
