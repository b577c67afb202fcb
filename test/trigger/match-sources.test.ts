import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceMatcher } from '../../shared/trigger/match-sources.ts';
import type { PushHint } from '../../shared/trigger/receivers/receiver.ts';
import { DIGEST, REGISTRY, watched } from './samples.ts';

const app = `${REGISTRY}/team/app`;
const sources = [
  watched('latest', app),
  watched('stable', app, { tag: 'stable' }),
  watched('semver', app, { semver: '1.x' }),
  watched('filter', app, { filter: '^main-', tag: 'main-1' }),
  watched('pinned', app, { digest: DIGEST }),
  watched('pinned-tag', app, { tag: 'stable', digest: DIGEST }),
  { ...watched('suspended', app), suspend: true },
  watched('other-repository', `${REGISTRY}/team/app2`),
  watched('other-registry', 'elsewhere.example/team/app'),
  watched('deep', `${REGISTRY}/a/b/c/d/e`),
];
const matcher = sourceMatcher(sources);
const everything = () => true;

const cases: readonly { name: string; hint: PushHint; want: readonly string[] }[] = [
  {
    name: 'a tag concerns its sources and those that choose',
    hint: { repository: 'team/app', tag: 'stable' },
    want: ['stable', 'semver', 'filter'],
  },
  {
    name: 'without a ref, latest is watched',
    hint: { repository: 'team/app', tag: 'latest' },
    want: ['latest', 'semver', 'filter'],
  },
  {
    name: 'a tag nobody names concerns those that choose',
    hint: { repository: 'team/app', tag: '1.2.3' },
    want: ['semver', 'filter'],
  },
  {
    name: 'no tag may be any',
    hint: { repository: 'team/app' },
    want: ['latest', 'stable', 'semver', 'filter'],
  },
  {
    name: 'a digest in place of the tag may be any',
    hint: { repository: 'team/app', tag: DIGEST },
    want: ['latest', 'stable', 'semver', 'filter'],
  },
  {
    name: 'an empty tag may be any',
    hint: { repository: 'team/app', tag: '' },
    want: ['latest', 'stable', 'semver', 'filter'],
  },
  {
    name: 'case does not matter',
    hint: { repository: 'Team/App', tag: '1.2.3' },
    want: ['semver', 'filter'],
  },
  { name: 'many components', hint: { repository: 'a/b/c/d/e', tag: 'latest' }, want: ['deep'] },
  { name: 'an unknown repository', hint: { repository: 'team/unknown' }, want: [] },
  { name: 'a prefix of a repository', hint: { repository: 'team' }, want: [] },
  ...[
    '',
    '/',
    '../x',
    'team/app:',
    'team/app:1.0',
    `team/app@${DIGEST}`,
    'team/app?x',
    `elsewhere.example/team/app`,
    '\u0000',
    'x'.repeat(1_000_000),
  ].map((repository) => ({
    name: `${JSON.stringify(repository.slice(0, 40))} is no repository of ours`,
    hint: { repository },
    want: [],
  })),
];
for (const { name, hint, want } of cases) {
  test(name, () => {
    const found = matcher.match([hint], { registry: REGISTRY, serves: everything });
    assert.deepEqual(
      found.map(({ name: source }) => source),
      want,
    );
  });
}

test('many hints name a source once', () => {
  const hints = Array.from({ length: 21 }, () => ({ repository: 'team/app' }));
  assert.equal(matcher.match(hints, { registry: REGISTRY, serves: everything }).length, 4);
});

test('a receiver speaks only for the repositories it serves', () => {
  assert.deepEqual(
    matcher.match([{ repository: 'team/app' }], {
      registry: REGISTRY,
      serves: (name) => name !== 'team/app',
    }),
    [],
  );
});

test("Docker Hub's names are one, and library/ is understood", () => {
  const hub = sourceMatcher([watched('nginx', 'index.docker.io/nginx', { tag: '1' })]);
  for (const registry of [
    'docker.io',
    'index.docker.io',
    'registry-1.docker.io',
    'registry.hub.docker.com',
  ]) {
    for (const repository of ['nginx', 'library/nginx']) {
      assert.equal(hub.match([{ repository, tag: '1' }], { registry, serves: everything }).length, 1);
    }
  }
});
