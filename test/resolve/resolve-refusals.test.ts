import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLandfallError, LandfallError } from '../../shared/errors.ts';
import type { Ref } from '../../shared/resolve/ref.ts';
import type { Current } from '../../shared/resolve/resolution.ts';
import { resolve } from '../../shared/resolve/resolve.ts';
import type { MemoryRegistry } from '../support/servers/memory-registry.ts';
import { at, ELSE, registryOf, repository, STABLE } from './podinfo-registry.ts';

interface Refusal {
  readonly it: string;
  readonly ref: Ref;
  readonly prepare?: (registry: MemoryRegistry) => void;
  readonly current?: Current;
  readonly code: string;
  readonly message: RegExp;
  readonly hint?: RegExp;
  readonly calls: readonly string[];
}

const forbidden = new LandfallError('FORBIDDEN', 'GET /v2/web/podinfo/tags/list: 403');
const unauthorized = new LandfallError('UNAUTHORIZED', 'GET /v2/web/podinfo/tags/list: 401');
const down = new LandfallError('REGISTRY_UNAVAILABLE', 'GET /v2/web/podinfo/manifests/1.1.0: 503');

const REFUSALS: readonly Refusal[] = [
  {
    it: 'a tag that is not the digest it must be, naming both',
    ref: { tag: 'stable', digest: ELSE },
    code: 'TAG_DIGEST_MISMATCH',
    message: new RegExp(
      `oci://registry\\.example/web/podinfo:stable is ${STABLE}, but ref wants it to be ${ELSE}`,
    ),
    hint: /moved/,
    calls: ['manifest stable'],
  },
  {
    it: 'a tag that moved away from the digest it must be, though that is current',
    ref: { tag: 'stable', digest: ELSE },
    current: at('stable', ELSE),
    code: 'TAG_DIGEST_MISMATCH',
    message: /stable is sha256/,
    calls: ['peek stable', 'manifest stable'],
  },
  {
    it: 'a tag that is current, and not the digest it must be by now',
    ref: { tag: 'stable', digest: ELSE },
    current: at('stable'),
    code: 'TAG_DIGEST_MISMATCH',
    message: /stable is sha256/,
    calls: ['manifest stable'],
  },
  {
    it: 'a tag that is not there',
    ref: { tag: 'nightly' },
    code: 'TAG_NOT_FOUND',
    message: /nightly/,
    calls: ['manifest nightly'],
  },
  {
    it: 'a tag that is a range',
    ref: { tag: '>=1.0.0' },
    code: 'REFERENCE_INVALID',
    message: /ref\.tag ">=1\.0\.0"/,
    hint: /ref\.semver/,
    calls: [],
  },
  {
    it: 'a bad range before it asks',
    ref: { semver: '1..2' },
    code: 'RANGE_INVALID',
    message: /1\.\.2/,
    calls: [],
  },
  {
    it: 'a bad filter before it asks',
    ref: { filter: '(' },
    code: 'REGEX_INVALID',
    message: /filter/,
    calls: [],
  },
  {
    it: 'a range that no tag is in, naming the repository',
    ref: { semver: '>=2' },
    code: 'NO_TAG_MATCHES',
    message: /no tag of oci:\/\/registry\.example\/web\/podinfo matches semver ">=2": 5 tags, 3 readable/,
    calls: ['tags'],
  },
  {
    it: 'a range where the list is forbidden',
    ref: { semver: '*' },
    prepare: ({ failures }) => failures.set('tags', forbidden),
    code: 'FORBIDDEN',
    message: /list the tags of oci:\/\/registry\.example\/web\/podinfo: .*403/,
    hint: /ref\.tag/,
    calls: ['tags'],
  },
  {
    it: 'a range where the list needs other credentials',
    ref: { semver: '*' },
    prepare: ({ failures }) => failures.set('tags', unauthorized),
    code: 'UNAUTHORIZED',
    message: /401/,
    hint: /credentials.*ref\.tag/,
    calls: ['tags'],
  },
  {
    it: 'a list whose three best tags are all gone',
    ref: { semver: '*' },
    prepare: ({ listedInVain }) => listedInVain.push('9.0.0', '9.1.0', '9.2.0'),
    code: 'TAG_NOT_FOUND',
    message: /lists 9\.2\.0, 9\.1\.0, 9\.0\.0 as the best of 5 matching tags/,
    hint: /stale/,
    calls: ['tags', 'manifest 9.2.0', 'manifest 9.1.0', 'manifest 9.0.0'],
  },
  {
    it: 'a failing registry, rather than fall back to a lower version',
    ref: { semver: '*' },
    prepare: ({ failures }) => failures.set('manifest 1.1.0', down),
    code: 'REGISTRY_UNAVAILABLE',
    message: /503/,
    calls: ['tags', 'manifest 1.1.0'],
  },
];

for (const { it, ref, prepare, current, code, message, hint, calls } of REFUSALS) {
  test(`refuses ${it}`, async () => {
    const { registry } = registryOf();
    prepare?.(registry);
    await assert.rejects(resolve({ repository, ref, ...(current && { current }) }, { registry }), (error) => {
      assert.ok(isLandfallError(error) && error.code === code, String(error));
      assert.match(error.message, message);
      if (hint !== undefined) assert.match(error.hint ?? '', hint);
      return true;
    });
    assert.deepEqual(registry.calls, calls);
  });
}

test('what the registry said when it let us list no tags is not lost: facts, time to wait', async () => {
  const said = new LandfallError('FORBIDDEN', 'GET /v2/web/podinfo/tags/list: 403', {
    detail: { status: 403, registry: 'registry.example' },
    retryAfterMs: 5_000,
  });
  const { registry } = registryOf();
  registry.failures.set('tags', said);
  await assert.rejects(resolve({ repository, ref: { semver: '*' } }, { registry }), {
    code: 'FORBIDDEN',
    detail: said.detail,
    retryAfterMs: 5_000,
  });
});
