import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LandfallError } from '../../shared/errors.ts';
import { type Digest, digestOf } from '../../shared/oci/digest.ts';
import type { Ref } from '../../shared/resolve/ref.ts';
import type { Current, Resolution } from '../../shared/resolve/resolution.ts';
import { resolve } from '../../shared/resolve/resolve.ts';
import { at, digestFor, ELSE, registryOf, repository, STABLE } from './podinfo-registry.ts';

interface Case {
  readonly it: string;
  readonly ref: Ref;
  readonly current?: Current | null;
  readonly outcome: Resolution['outcome'];
  readonly tag: string | undefined;
  readonly digest: Digest;
  readonly calls: readonly string[];
}

const CASES: readonly Case[] = [
  {
    it: 'asks nothing for a digest',
    ref: { digest: ELSE },
    outcome: 'resolved',
    tag: undefined,
    digest: ELSE,
    calls: [],
  },
  {
    it: 'asks nothing for a digest that is current',
    ref: { digest: STABLE },
    current: at(null),
    outcome: 'unchanged',
    tag: undefined,
    digest: STABLE,
    calls: [],
  },
  {
    it: 'sees a new revision where a tag was dropped from the ref',
    ref: { digest: STABLE },
    current: at('stable'),
    outcome: 'resolved',
    tag: undefined,
    digest: STABLE,
    calls: [],
  },
  {
    it: 'puts a digest before a range and a filter',
    ref: { digest: ELSE, semver: '*', filter: 'x', order: 'semver' },
    outcome: 'resolved',
    tag: undefined,
    digest: ELSE,
    calls: [],
  },
  {
    it: 'gets a tag at once where nothing is current',
    ref: { tag: 'stable' },
    current: null,
    outcome: 'resolved',
    tag: 'stable',
    digest: STABLE,
    calls: ['manifest stable'],
  },
  {
    it: 'takes latest where nothing is said',
    ref: {},
    outcome: 'resolved',
    tag: 'latest',
    digest: digestFor('latest'),
    calls: ['manifest latest'],
  },
  {
    it: 'asks once for a tag that is current',
    ref: { tag: 'stable' },
    current: at('stable'),
    outcome: 'unchanged',
    tag: 'stable',
    digest: STABLE,
    calls: ['peek stable'],
  },
  {
    it: 'gets a tag that moved',
    ref: { tag: 'stable' },
    current: at('stable', ELSE),
    outcome: 'resolved',
    tag: 'stable',
    digest: STABLE,
    calls: ['peek stable', 'manifest stable'],
  },
  {
    it: 'does not peek where the tag is another, since the revision changes anyway',
    ref: { tag: 'stable' },
    current: at('latest', STABLE),
    outcome: 'resolved',
    tag: 'stable',
    digest: STABLE,
    calls: ['manifest stable'],
  },
  {
    it: 'puts a range before a tag, and peeks only at what it chose',
    ref: { semver: '1.x', tag: 'stable' },
    current: at('1.1.0'),
    outcome: 'unchanged',
    tag: '1.1.0',
    digest: digestFor('1.1.0'),
    calls: ['tags', 'peek 1.1.0'],
  },
  {
    it: 'gets a higher version at once',
    ref: { semver: '1.x' },
    current: at('1.0.0'),
    outcome: 'resolved',
    tag: '1.1.0',
    digest: digestFor('1.1.0'),
    calls: ['tags', 'manifest 1.1.0'],
  },
  {
    it: 'resolves by filter and order',
    ref: { filter: '^s', order: 'alphabetical', tag: 'latest' },
    outcome: 'resolved',
    tag: 'stable',
    digest: STABLE,
    calls: ['tags', 'manifest stable'],
  },
  {
    it: 'proves that a tag is the digest it must be',
    ref: { tag: 'stable', digest: STABLE, semver: '*' },
    outcome: 'resolved',
    tag: 'stable',
    digest: STABLE,
    calls: ['manifest stable'],
  },
  {
    it: 'asks once whether a tag is still the digest it must be',
    ref: { tag: 'stable', digest: STABLE },
    current: at('stable'),
    outcome: 'unchanged',
    tag: 'stable',
    digest: STABLE,
    calls: ['peek stable'],
  },
];

for (const { it, ref, current, outcome, tag, digest, calls } of CASES) {
  test(it, async () => {
    const { registry } = registryOf();
    const resolution = await resolve(
      { repository, ref, ...(current !== undefined && { current }) },
      { registry },
    );
    assert.deepEqual(
      {
        outcome: resolution.outcome,
        tag: resolution.tag,
        digest: resolution.digest,
        notes: resolution.notes,
      },
      { outcome, tag, digest, notes: [] },
    );
    assert.deepEqual(registry.calls, calls);
    const fetched = resolution.outcome === 'resolved' ? resolution.manifest?.digest : undefined;
    assert.equal(fetched, calls.some((call) => call.startsWith('manifest')) ? digest : undefined);
  });
}

test('gets the manifest where the registry names no digest, and sees by the bytes that nothing is new', async () => {
  const { registry } = registryOf();
  registry.claims.set('stable', null);
  const request = { repository, ref: { tag: 'stable' } };
  const same = await resolve({ ...request, current: at('stable') }, { registry });
  assert.equal(same.outcome, 'unchanged');
  assert.deepEqual(registry.calls, ['peek stable', 'manifest stable']);
});

test('believes no digest a registry claims: what is resolved is computed from bytes', async () => {
  const { registry } = registryOf();
  registry.claims.set('stable', ELSE);
  const moved = await resolve({ repository, ref: { tag: 'stable' }, current: at('stable') }, { registry });
  assert.equal(moved.digest, STABLE);
  assert.equal(moved.outcome, 'unchanged');
});

test('compares a sha512 digest with the bytes, not with the registry’s sha256', async () => {
  const { registry } = registryOf();
  const { bytes } = await registry.manifest(repository, 'stable');
  const digest = digestOf(bytes, 'sha512');
  const ref = { tag: 'stable', digest };
  const first = await resolve({ repository, ref }, { registry });
  assert.deepEqual([first.outcome, first.digest], ['resolved', digest]);
  const again = await resolve({ repository, ref, current: { tag: 'stable', digest } }, { registry });
  assert.equal(again.outcome, 'unchanged');
});

test('needs no list for a tag', async () => {
  const { registry } = registryOf();
  registry.failures.set('tags', new LandfallError('FORBIDDEN', 'GET /v2/web/podinfo/tags/list: 403'));
  assert.equal((await resolve({ repository, ref: { tag: 'stable' } }, { registry })).digest, STABLE);
});

test('takes the next best of the list where the best two are gone, and tells', async () => {
  const { registry } = registryOf();
  registry.listedInVain.push('9.0.0', '9.1.0');
  const resolution = await resolve({ repository, ref: { semver: '*' }, current: at('1.1.0') }, { registry });
  assert.deepEqual([resolution.outcome, resolution.tag], ['unchanged', '1.1.0']);
  assert.deepEqual(resolution.notes, ['9.1.0 is listed but not there', '9.0.0 is listed but not there']);
  assert.deepEqual(registry.calls, ['tags', 'manifest 9.1.0', 'manifest 9.0.0', 'peek 1.1.0']);
});

test('follows a registry whose highest tag was deleted, and tells', async () => {
  const { registry } = registryOf();
  registry.remove('1.1.0');
  for (const current of [at('1.1.0'), undefined]) {
    const request = { repository, ref: { semver: '*' }, floor: '1.1.0', ...(current && { current }) };
    const resolution = await resolve(request, { registry });
    assert.equal(resolution.tag, '1.0.0');
    assert.deepEqual(resolution.notes, ['1.0.0 is lower than the current 1.1.0, which is gone']);
  }
});

test('fetches nothing lower than what is current where a downgrade is refused, though a signature of it may still be good', async () => {
  const { registry } = registryOf();
  registry.remove('1.1.0');
  const ref = { semver: '*', downgrade: 'refuse' } as const;
  await assert.rejects(resolve({ repository, ref, floor: '1.1.0' }, { registry }), {
    code: 'DOWNGRADE_REFUSED',
    message: /web\/podinfo: 1\.0\.0 is lower than the current 1\.1\.0, which is gone/,
  });
  assert.deepEqual(registry.calls, ['tags']);
});

for (const [it, ref, floor] of [
  ['higher', { semver: '*' }, '1.0.0'],
  ['the same', { semver: '*' }, '1.1.0'],
  ['all that there is', { semver: '*' }, null],
  ['of a ref that does not choose from the current tag any more', { semver: '1.x' }, '9.0.0'],
] as const)
  test(`a downgrade that is refused is no matter where the tag is ${it}`, async () => {
    const { registry } = registryOf();
    const request = { repository, ref: { ...ref, downgrade: 'refuse' } as const, floor };
    const { tag, notes } = await resolve(request, { registry });
    assert.deepEqual([tag, notes], ['1.1.0', []]);
  });

test('fetches a Helm tag under the name the registry has it by, unless that reading is off', async () => {
  const { registry } = registryOf();
  const digest = registry.push('1.5.0_build.1');
  const request = { repository, ref: { semver: '1.x' } };
  const helm = await resolve(request, { registry });
  assert.deepEqual([helm.tag, helm.digest], ['1.5.0_build.1', digest]);
  assert.equal((await resolve({ ...request, helm: false }, { registry })).tag, '1.1.0');
});

test('passes the signal to every call', async () => {
  const { registry } = registryOf();
  const signal = AbortSignal.abort();
  for (const ref of [{ tag: 'stable' }, { semver: '*' }]) {
    for (const current of [null, at('stable')]) {
      await assert.rejects(resolve({ repository, ref, current }, { registry, signal }), {
        code: 'CANCELLED',
      });
    }
  }
  assert.deepEqual(registry.calls, []);
});
