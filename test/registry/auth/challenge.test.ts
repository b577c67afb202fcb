import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Challenge, parseChallenges } from '../../../shared/registry/auth/challenge.ts';

const bearer = (params: Record<string, string>): Challenge => ({ scheme: 'bearer', params });
const basic = (params: Record<string, string>): Challenge => ({ scheme: 'basic', params });

const CASES: readonly (readonly [string, string | readonly string[] | undefined, readonly Challenge[]])[] = [
  ['nothing', undefined, []],
  ['an empty header', '', []],
  [
    'Docker Hub',
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull"',
    [
      bearer({
        realm: 'https://auth.docker.io/token',
        service: 'registry.docker.io',
        scope: 'repository:a/b:pull',
      }),
    ],
  ],
  [
    'commas in quotes',
    'Bearer realm="https://a/t",scope="repository:a/b:pull,push"',
    [bearer({ realm: 'https://a/t', scope: 'repository:a/b:pull,push' })],
  ],
  [
    'Forgejo, two schemes in one header',
    'Bearer realm="https://c/t",service="s",scope="*",Basic realm="Forgejo"',
    [bearer({ realm: 'https://c/t', service: 's', scope: '*' }), basic({ realm: 'Forgejo' })],
  ],
  [
    'two headers',
    ['Basic realm="r"', 'Bearer realm="https://a/t"'],
    [basic({ realm: 'r' }), bearer({ realm: 'https://a/t' })],
  ],
  [
    'ECR, a realm that is a URL for Basic',
    'Basic realm="https://1.dkr.ecr.eu-west-1.amazonaws.com/",service="ecr.amazonaws.com"',
    [basic({ realm: 'https://1.dkr.ecr.eu-west-1.amazonaws.com/', service: 'ecr.amazonaws.com' })],
  ],
  ['Artifactory', 'Basic realm="Artifactory Realm"', [basic({ realm: 'Artifactory Realm' })]],
  [
    'case and blanks',
    'BEARER  Realm = "https://a/t" , SERVICE=s',
    [bearer({ realm: 'https://a/t', service: 's' })],
  ],
  ['escapes', 'Basic realm="a\\"b\\\\c"', [basic({ realm: 'a"b\\c' })]],
  [
    'no quotes',
    'Bearer realm=https://a/t?x=y,service=s',
    [bearer({ realm: 'https://a/t?x=y', service: 's' })],
  ],
  [
    'token68 and another',
    'Negotiate YWJj==, Basic realm="r"',
    [{ scheme: 'negotiate', params: {} }, basic({ realm: 'r' })],
  ],
  ['a bare scheme', 'Basic', [basic({})]],
  [
    'the first of a repeated parameter',
    'Bearer realm="https://a/t",realm="https://evil/t"',
    [bearer({ realm: 'https://a/t' })],
  ],
  ['stray commas', ',, Basic realm="r",,', [basic({ realm: 'r' })]],
];

for (const [name, header, wanted] of CASES) {
  test(`reads ${name}`, () => {
    const got = parseChallenges(header).map(({ scheme, params }) => ({ scheme, params: { ...params } }));
    assert.deepEqual(got, wanted);
  });
}

test('a parameter called __proto__ is a parameter', () => {
  const [challenge] = parseChallenges('Bearer __proto__="x",realm="r"');
  assert.equal(challenge?.params['realm'], 'r');
  assert.equal(({} as Record<string, unknown>)['x'], undefined);
});

test('any text is parsed without throwing or hanging', () => {
  fc.assert(fc.property(fc.string({ maxLength: 300 }), (text) => Array.isArray(parseChallenges(text))));
  for (const text of [
    '"'.repeat(20_000),
    ', '.repeat(20_000),
    'a=\\'.repeat(5000),
    `Bearer realm="${'\\'.repeat(20_000)}`,
  ]) {
    parseChallenges(text);
  }
});
