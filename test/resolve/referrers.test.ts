import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LISTED_REFERRERS } from '../../shared/limits.ts';
import { digestOf, hexOf } from '../../shared/oci/digest.ts';
import { OCI_INDEX, OCI_MANIFEST } from '../../shared/oci/media-types.ts';
import { isReferrerTag } from '../../shared/oci/referrer.ts';
import type { Ref } from '../../shared/resolve/ref.ts';
import { resolve } from '../../shared/resolve/resolve.ts';
import { MemoryRegistry } from '../support/servers/memory-registry.ts';

const repository = { registry: 'r.example', repository: 'app' };
const HEX = hexOf(digestOf('of'));
const BLOB = { mediaType: OCI_MANIFEST, digest: digestOf('x'), size: 1 };

const REFERRERS: readonly string[] = [
  `sha256-${HEX}`,
  `sha256-${HEX}.sig`,
  `sha256-${HEX}.att`,
  `sha256-${HEX}.sbom`,
  `sha256-${HEX}.imgpkg`,
  `sha256-${HEX}-x`,
  `sha512-${HEX}`,
  `sha512-${HEX}${HEX.slice(0, 57)}`,
  `blake3-${HEX}`,
  // cosign sign --attachment-tag-prefix nginx-registry-att-
  `nginx-registry-att-sha256-${HEX}.sig`,
  `import-sha256-${HEX}.att`,
  `2027-sha256-${HEX}.sbom`,
];
/** Near enough to be tempting, and people's own. */
const OWN: readonly string[] = [
  `main-${HEX}`,
  HEX,
  `sha256-${HEX.slice(1)}`,
  `sha256-${HEX.toUpperCase()}`,
  `v-sha256-${HEX}`,
  `v-sha256-${HEX}.1`,
  `v-sha256-${HEX.slice(1)}.sig`,
  'sha256-latest',
  '1.0.0.sig',
];

test('tags of signatures and referrers are told by their digest', () => {
  for (const tag of REFERRERS) assert.ok(isReferrerTag(tag), tag);
  for (const tag of OWN) assert.ok(!isReferrerTag(tag), tag);
});

const REFS: readonly Ref[] = [
  { order: 'alphabetical' },
  { order: 'alphabetical', filter: '.*' },
  { order: 'alphabetical', filter: '^(?:sha256|2026)-' },
  { order: 'numerical', filter: '([0-9]+)$', extract: '$1' },
  { semver: '*', filter: '([0-9]+)-([0-9]+)', extract: '$1.$2.0' },
];

describe('an attached signature is never chosen from a list', () => {
  for (const ref of REFS) {
    test(JSON.stringify(ref), async () => {
      const registry = new MemoryRegistry();
      registry.push('2026-11');
      for (const tag of REFERRERS) registry.push(tag);
      const { tag } = await resolve({ repository, ref }, { registry });
      assert.equal(tag, '2026-11');
      assert.deepEqual(registry.calls, ['tags', 'manifest 2026-11']);
    });
  }
});

test('a tag of a signature that is named is taken', async () => {
  const registry = new MemoryRegistry();
  const digest = registry.push(`sha256-${HEX}.sig`);
  assert.equal(
    (await resolve({ repository, ref: { tag: `sha256-${HEX}.sig` } }, { registry })).digest,
    digest,
  );
});

test('a list of nothing but signatures says so', async () => {
  const registry = new MemoryRegistry();
  for (const tag of REFERRERS.slice(0, 3)) registry.push(tag);
  await assert.rejects(resolve({ repository, ref: { order: 'alphabetical' } }, { registry }), {
    code: 'NO_TAG_MATCHES',
    message: /only 3 tags of signatures and referrers/,
  });
});

const bytes = (document: object): Buffer => Buffer.from(JSON.stringify({ schemaVersion: 2, ...document }));
const ABOUT: readonly (readonly [what: string, document: object])[] = [
  ['a manifest with a subject', { config: BLOB, layers: [], subject: BLOB }],
  ['an index with a subject', { manifests: [], subject: BLOB }],
  [
    'an index of referrers',
    { mediaType: OCI_INDEX, manifests: [{ ...BLOB, artifactType: 'application/spdx+json' }] },
  ],
  [
    'an index of attestations',
    {
      manifests: [
        {
          ...BLOB,
          platform: { os: 'unknown', architecture: 'unknown' },
          annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
        },
      ],
    },
  ],
];
const REVISIONS: readonly (readonly [what: string, document: object])[] = [
  ['a manifest whose subject is null', { config: BLOB, layers: [], subject: null }],
  ['an empty index', { mediaType: OCI_INDEX, manifests: [] }],
  [
    'an index of a typed artifact for a platform',
    { manifests: [{ ...BLOB, artifactType: 'a/b', platform: { os: 'linux', architecture: 'amd64' } }] },
  ],
  ['an index of a plain manifest and a referrer', { manifests: [{ ...BLOB, artifactType: 'a/b' }, BLOB] }],
];

describe('the best tag of a list', () => {
  for (const [what, document] of ABOUT) {
    test(`is passed over where it is ${what}`, async () => {
      const registry = new MemoryRegistry();
      registry.push('1.0.0');
      registry.push('1.1.0', bytes(document));
      const { tag, notes } = await resolve({ repository, ref: { semver: '*' } }, { registry });
      assert.equal(tag, '1.0.0');
      assert.deepEqual(registry.calls, ['tags', 'manifest 1.1.0', 'manifest 1.0.0']);
      assert.match(notes.join(), /1\.1\.0 is .* and is not chosen from a list/);
      assert.equal((await resolve({ repository, ref: { tag: '1.1.0' } }, { registry })).tag, '1.1.0');
    });
  }
  for (const [what, document] of REVISIONS) {
    test(`is taken where it is ${what}`, async () => {
      const registry = new MemoryRegistry();
      registry.push('1.0.0');
      registry.push('1.1.0', bytes(document));
      assert.equal((await resolve({ repository, ref: { semver: '*' } }, { registry })).tag, '1.1.0');
    });
  }

  test(`is looked for among ${LISTED_REFERRERS} that are about others, and no more`, async () => {
    const registry = new MemoryRegistry();
    registry.push('1.0.0');
    for (let patch = 1; patch < LISTED_REFERRERS; patch++)
      registry.push(
        `1.0.${patch}`,
        bytes({ config: BLOB, layers: [], subject: BLOB, annotations: { patch: String(patch) } }),
      );
    assert.equal((await resolve({ repository, ref: { semver: '*' } }, { registry })).tag, '1.0.0');
    registry.push('1.1.0', bytes({ config: BLOB, layers: [], subject: BLOB }));
    await assert.rejects(resolve({ repository, ref: { semver: '*' } }, { registry }), {
      code: 'NO_TAG_MATCHES',
      message: /1\.1\.0 is about another manifest/,
      hint: /filter/,
    });
  });
});

test('a poll that finds nothing new still takes a list and a HEAD where nothing above is about another', async () => {
  const registry = new MemoryRegistry();
  const digest = registry.push('1.0.0');
  for (const tag of REFERRERS) registry.push(tag);
  const current = { tag: '1.0.0', digest };
  const { outcome } = await resolve({ repository, ref: { order: 'alphabetical' }, current }, { registry });
  assert.equal(outcome, 'unchanged');
  assert.deepEqual(registry.calls, ['tags', 'peek 1.0.0']);
});
