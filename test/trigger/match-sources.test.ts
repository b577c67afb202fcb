import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceMatcher } from '../../shared/trigger/match-sources.ts';
import { repositoryAliases } from '../../shared/trigger/receivers/hints/aliases.ts';
import type { PushHint } from '../../shared/trigger/receivers/receiver.ts';
import { DIGEST, REGISTRY, watched } from './receivers/samples.ts';

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
  watched('capitals', `${REGISTRY}/git/app`, { tag: 'RC1' }),
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
  {
    name: 'a tag in lower case, as Gitea tells of every tag',
    hint: { repository: 'git/app', tag: 'rc1' },
    want: ['capitals'],
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
    const found = matcher.match([hint], { registries: [REGISTRY], serves: everything });
    assert.deepEqual(
      found.map(({ name: source }) => source),
      want,
    );
  });
}

test('many hints name a source once', () => {
  const hints = Array.from({ length: 21 }, () => ({ repository: 'team/app' }));
  assert.equal(matcher.match(hints, { registries: [REGISTRY], serves: everything }).length, 4);
});

test('a receiver speaks only for the repositories it serves', () => {
  assert.deepEqual(
    matcher.match([{ repository: 'team/app' }], {
      registries: [REGISTRY],
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
      assert.equal(
        hub.match([{ repository, tag: '1' }], { registries: [registry], serves: everything }).length,
        1,
      );
    }
  }
});

test('a registry of several names is looked for under each of them', () => {
  const both = sourceMatcher([watched('inside', '10.0.0.7:5000/team/app'), watched('outside', app)]);
  const found = both.match([{ repository: 'team/app' }], {
    registries: [REGISTRY, '10.0.0.7:5000'],
    serves: everything,
  });
  assert.deepEqual(found.map(({ name }) => name).toSorted(), ['inside', 'outside']);
});

const aliases = repositoryAliases({ 'docker-local': 'docker', 'docker-local/own': 'mine', sub: '' });
for (const [repository, names] of [
  ['docker-local/team/app', ['docker-local/team/app', 'docker/team/app']],
  ['docker-local', ['docker-local', 'docker']],
  ['docker-local/own/app', ['docker-local/own/app', 'mine/app']],
  ['docker-local2/app', ['docker-local2/app']],
  ['x/docker-local/app', ['x/docker-local/app']],
  ['sub/team/app', ['sub/team/app', 'team/app']],
  ['sub', ['sub', '']],
  ['', ['']],
] as const) {
  test(`${JSON.stringify(repository)} may be ${names.join(' or ')}`, () => {
    assert.deepEqual(aliases(repository), names);
  });
}

test('an alias is found whatever the case, and a receiver serves what it stands for', () => {
  const virtual = sourceMatcher([watched('app', `${REGISTRY}/docker/team/app`)]);
  const scope = {
    registries: [REGISTRY],
    namesOf: aliases,
    serves: (name: string) => name.startsWith('docker/'),
  };
  assert.equal(virtual.match([{ repository: 'Docker-Local/team/app' }], scope).length, 1);
  assert.equal(
    virtual.match([{ repository: 'Docker-Local/team/app' }], {
      ...scope,
      serves: (name) => name.startsWith('docker-local/'),
    }).length,
    0,
  );
});
