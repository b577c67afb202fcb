import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDockerConfig } from '../../shared/credentials/docker/docker-config.ts';
import { fitting } from '../../shared/credentials/docker/docker-scope.ts';
import { isLandfallError } from '../../shared/errors.ts';
import { parsePattern } from '../../shared/event/pattern/parse-pattern.ts';
import { parseGlob } from '../../shared/glob/glob.ts';
import { parseReference } from '../../shared/oci/reference.ts';
import { nextPage } from '../../shared/registry/link.ts';
import { tagFilter } from '../../shared/resolve/tag-filter.ts';

/** What campaigns found and is put right; where a find is about more than one parser, its test lies with what it is about. */
const FINDS: readonly (readonly [name: string, attempt: () => unknown, message: RegExp])[] = [
  [
    'a host in brackets that is no address',
    () => parseReference('oci://[::2147483648]:5000/team/app'),
    /is not a registry host/,
  ],
  [
    'a link to a next page whose query is a control character',
    () => nextPage('<?\u000e>; rel="next"', '/v2/team/app/tags/list?n=1000'),
    /the link to its next page has no query/,
  ],
  ['a glob whose range has a control character', () => parseGlob('[0-\u0018]'), /range "0-\\u0018"$/],
  ['a filter that its engine repeats', () => tagFilter('a)\t\u000b'), /unexpected \): `a\)\\u0009\\u000b`$/],
  [
    'a pattern under a key with a tab',
    () => parsePattern({ 'd\tail': [{ numeric: [] }] }),
    /at d\\u0009ail\.0/,
  ],
];

test('a login under a key that is longer than any host takes no other with it', () => {
  const long = `*${'.i'.repeat(200)}`;
  const { auths } = parseDockerConfig(
    JSON.stringify({ auths: { [long]: {}, 'ghcr.io': { auth: 'YTpi' } } }),
    'it',
  );
  const fit = fitting(auths, { registry: 'ghcr.io', repository: 'team/app' });
  assert.deepEqual(
    fit.map(({ key }) => key),
    ['ghcr.io'],
  );
});

for (const [name, attempt, message] of FINDS) {
  test(`refuses, and quotes what it tells of it: ${name}`, () => {
    assert.throws(attempt, (error) => {
      assert.ok(isLandfallError(error));
      assert.match(error.message, message);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      assert.doesNotMatch(error.message, /[\0-\x1f]/);
      return true;
    });
  });
}
