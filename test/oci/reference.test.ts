import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isLandfallError } from '../../shared/errors.ts';
import {
  formatRepository,
  parseReference,
  parseRepository,
  type Reference,
} from '../../shared/oci/reference.ts';

const formatReference = ({ selector, ...repository }: Reference): string => {
  const tag = 'tag' in selector ? `:${selector.tag}` : '';
  const digest = 'digest' in selector ? `@${selector.digest}` : '';
  return `${formatRepository(repository)}${tag}${digest}`;
};

const DIGEST = `sha256:${'a'.repeat(64)}`;

const GOOD: readonly (readonly [text: string, formatted: string, kind: string])[] = [
  ['oci://ghcr.io/team/app', 'oci://ghcr.io/team/app', 'none'],
  ['oci://ghcr.io/team/app:1.0.0', 'oci://ghcr.io/team/app:1.0.0', 'tag'],
  ['oci://GHCR.io/team/app:V1', 'oci://ghcr.io/team/app:V1', 'tag'],
  [`oci://ghcr.io/team/app@${DIGEST}`, `oci://ghcr.io/team/app@${DIGEST}`, 'digest'],
  [`oci://ghcr.io/team/app:1@${DIGEST}`, `oci://ghcr.io/team/app:1@${DIGEST}`, 'tag+digest'],
  ['oci://localhost:5000/app:latest', 'oci://localhost:5000/app:latest', 'tag'],
  ['oci://127.0.0.1:65535/a/b/c/d', 'oci://127.0.0.1:65535/a/b/c/d', 'none'],
  ['oci://[::1]:5000/app', 'oci://[::1]:5000/app', 'none'],
  ['oci://docker.io/nginx', 'oci://docker.io/library/nginx', 'none'],
  ['oci://index.docker.io/nginx:1', 'oci://docker.io/library/nginx:1', 'tag'],
  ['oci://registry-1.docker.io/bitnami/redis', 'oci://docker.io/bitnami/redis', 'none'],
  ['oci://r.example/a__b/c-d/e.f/g--h', 'oci://r.example/a__b/c-d/e.f/g--h', 'none'],
  [`oci://r.example/a:${'t'.repeat(128)}`, `oci://r.example/a:${'t'.repeat(128)}`, 'tag'],
];

const BAD: readonly (readonly [why: string, text: string, code?: string])[] = [
  ['no scheme', 'ghcr.io/team/app'],
  ['another scheme', 'https://ghcr.io/team/app'],
  ['no repository', 'oci://ghcr.io'],
  ['an empty repository', 'oci://ghcr.io/'],
  ['userinfo', 'oci://user:pass@ghcr.io/team/app'],
  ['an upper-case repository', 'oci://ghcr.io/Team/app'],
  ['dots that leave', 'oci://ghcr.io/../app'],
  ['an empty component', 'oci://ghcr.io/team//app'],
  ['a trailing slash', 'oci://ghcr.io/team/app/'],
  ['a query', 'oci://ghcr.io/team/app?x=1'],
  ['a blank', 'oci://ghcr.io/team/app :1'],
  ['a host in Unicode', 'oci://gh\u0441r.io/team/app'],
  ['a port over 65535', 'oci://ghcr.io:65536/app'],
  ['a tag of 129 characters', `oci://ghcr.io/app:${'t'.repeat(129)}`],
  ['a tag that begins with a dot', 'oci://ghcr.io/app:.1'],
  ['an empty tag', 'oci://ghcr.io/app:'],
  ['a path as a digest', 'oci://ghcr.io/app@sha256:../../etc', 'DIGEST_INVALID'],
  ['a digest in upper case', `oci://ghcr.io/app@sha256:${'A'.repeat(64)}`, 'DIGEST_INVALID'],
  ['a digest that is short by one', `oci://ghcr.io/app@sha256:${'a'.repeat(63)}`, 'DIGEST_INVALID'],
  ['another algorithm', `oci://ghcr.io/app@md5:${'a'.repeat(32)}`, 'DIGEST_INVALID'],
  ['two digests', `oci://ghcr.io/app@${DIGEST}@${DIGEST}`, 'DIGEST_INVALID'],
  ['a name over 255 characters', `oci://ghcr.io/${'a'.repeat(256)}`],
];

describe('a reference', () => {
  for (const [text, formatted, kind] of GOOD) {
    test(`is ${text.slice(0, 60)}`, () => {
      const reference = parseReference(text);
      assert.equal(formatReference(reference), formatted);
      assert.equal(reference.selector.kind, kind);
    });
  }
  for (const [why, text, code = 'REFERENCE_INVALID'] of BAD) {
    test(`is refused with ${why}`, () => assert.throws(() => parseReference(text), { code }));
  }

  test('comes back the same from what it is written as, and nothing but a LandfallError ends a parse', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.string().map((text) => `oci://${text}`),
      fc.stringMatching(/^oci:\/\/[a-z.]{1,9}\/[a-z/:@.0-9]{1,20}$/),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          const reference = parseReference(text);
          assert.deepEqual(parseReference(formatReference(reference)), reference);
        } catch (error) {
          assert.ok(isLandfallError(error), String(error));
        }
      }),
    );
  });
});

/** What may stand where a password does, however it is written. */
const SECRETS: readonly string[] = [
  'oci://user:canary@ghcr.io/team/app',
  'oci://user:can/canary@ghcr.io/team/app',
  'oci://user:canary/ss@ghcr.io/team/app:1',
  `oci://user:canary/ss@ghcr.io:5000/app@${DIGEST}`,
  'oci://user:12/canary@ghcr.io/team/app',
  'oci://user:12/c@canary@ghcr.io/team/app',
  'oci://canary/ss@ghcr.io',
  'oci://user:canary@ghcr.io',
  'oci://user:canary/ss@ghcr.io:5000',
  'oci://user:canary?ss@ghcr.io/team/app',
  'oci://user:canary/s:s@ghcr.io/team/app',
  'https://user:canary/ss@ghcr.io/team/app',
  'user:canary/ss@ghcr.io/team/app',
  'oci://ghcr.io/team/app?token=canary',
  `oci://ghcr.io/team/app@${DIGEST}?token=canary`,
];

describe('a password or query in a reference is not repeated', () => {
  for (const text of SECRETS) {
    test(text, () => {
      assert.throws(
        () => parseReference(text),
        (error) => isLandfallError(error) && !/canary/.test(`${error.message} ${error.hint}`),
      );
    });
  }
});

test('an @ that no digest follows is told, with how a digest is written', () => {
  assert.throws(() => parseReference('oci://ghcr.io/team/app@latest'), {
    code: 'REFERENCE_INVALID',
    message: /"@"/,
    hint: /@sha256:/,
  });
});

test('a repository carries no tag and no digest', () => {
  assert.deepEqual(parseRepository('oci://ghcr.io/team/app'), {
    registry: 'ghcr.io',
    repository: 'team/app',
  });
  for (const text of ['oci://ghcr.io/app:1', `oci://ghcr.io/app@${DIGEST}`]) {
    assert.throws(() => parseRepository(text), { code: 'REFERENCE_INVALID', message: /put it under ref/ });
  }
});
