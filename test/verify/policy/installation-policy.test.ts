import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRepository } from '../../../shared/oci/reference.ts';
import { type InstallationPolicy, withPolicies } from '../../../shared/verify/policy/installation-policy.ts';
import type { CosignPolicy } from '../../../shared/verify/policy/policy.ts';

const VERIFY: CosignPolicy = {
  provider: 'cosign',
  keys: [{ file: 'a.pub' }],
  identities: [],
  transparencyLog: false,
  require: 'any',
};
type Globs = Pick<InstallationPolicy, 'sources' | 'repositories'>;
const sourceAt = (url = 'oci://ghcr.io/acme/app', composed?: object) => ({
  namespace: 'web',
  name: 'site',
  repository: parseRepository(url),
  ...(composed && { composed }),
});
const wantedOf = (source: ReturnType<typeof sourceAt>, globs: Globs, above: readonly string[] = []) =>
  withPolicies(source, [{ name: 'all', ...globs, verify: VERIFY }], () =>
    above.map((name) => ({ namespace: 'top', name })),
  ).policies;

const SCOPES: readonly (readonly [what: string, globs: Globs, isWanted: boolean])[] = [
  ['all', {}, true],
  ['its namespace', { sources: ['web/*'] }, true],
  ['another namespace', { sources: ['data/*'] }, false],
  ['another namespace and its own', { sources: ['data/*', 'web/*'] }, true],
  ['no source', { sources: [] }, false],
  ['its repository', { repositories: ['ghcr.io/acme/*'] }, true],
  ['another repository', { repositories: ['ghcr.io/other/*'] }, false],
  ['it in its repository', { sources: ['web/site'], repositories: ['ghcr.io/**'] }, true],
  ['it in another repository', { sources: ['web/site'], repositories: ['quay.io/**'] }, false],
  ['another in its repository', { sources: ['data/*'], repositories: ['ghcr.io/**'] }, false],
];
for (const [what, globs, isWanted] of SCOPES)
  test(`a policy of the installation for ${what} is ${isWanted ? '' : 'not '}a source’s`, () => {
    const named = isWanted ? [{ ...VERIFY, name: 'all' }] : undefined;
    assert.deepEqual(wantedOf(sourceAt(), globs), named);
  });

test('of several policies a source has those that are for it, in their order', () => {
  const policies = ['a', 'b', 'c'].map((name) => ({
    name,
    sources: [name === 'b' ? 'data/*' : 'web/*'],
    verify: VERIFY,
  }));
  assert.deepEqual(
    withPolicies(sourceAt(), policies).policies?.map(({ name }) => name),
    ['a', 'c'],
  );
});

test('a part has the policies of what is composed of it, and what is composed has none', () => {
  const globs = { sources: ['top/*'] };
  assert.equal(wantedOf(sourceAt(), globs), undefined);
  assert.equal(wantedOf(sourceAt(), globs, ['page'])?.length, 1);
  assert.equal(wantedOf(sourceAt(undefined, {}), {}), undefined);
});

const WRITTEN: readonly (readonly [url: string, glob: string, isWanted: boolean])[] = [
  ['oci://ghcr.io:443/acme/app', 'ghcr.io/acme/**', true],
  ['oci://ghcr.io:0443/acme/app', 'ghcr.io/acme/**', true],
  ['oci://GHCR.io:443/acme/app', 'ghcr.io:443/acme/**', true],
  ['oci://docker.io:443/acme/app', 'docker.io/acme/*', true],
  ['oci://registry-1.docker.io:443/acme/app', 'docker.io/acme/*', true],
  ['oci://index.docker.io:443/nginx', 'docker.io/library/*', true],
  ['oci://docker.io/acme/app', 'docker.io/library/**', false],
  ['oci://ghcr.io/nginx', 'ghcr.io/library/*', false],
  ['oci://ghcr.io:8443/acme/app', 'ghcr.io/acme/**', false],
  ['oci://ghcr.io:4430/acme/app', 'ghcr.io/acme/**', false],
];
for (const [url, glob, isWanted] of WRITTEN)
  test(`a policy of the installation for ${glob} is ${isWanted ? '' : 'not '}for ${url}`, () => {
    assert.equal(wantedOf(sourceAt(url), { repositories: [glob] }) !== undefined, isWanted);
  });
