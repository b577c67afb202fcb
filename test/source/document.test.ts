import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_LIMITS } from '../../shared/limits.ts';
import { parseDocuments } from '../../shared/source/document.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const parse = (text: string, file = '/etc/landfall/web.yaml') => parseDocuments([{ file, text }]);

test('fills in every default of a source', () => {
  const { sources } = parse('sources: [{ name: podinfo, url: "oci://ghcr.io/stefanprodan/podinfo" }]');
  assert.deepEqual(sources, [
    {
      name: 'podinfo',
      namespace: 'default',
      url: 'oci://ghcr.io/stefanprodan/podinfo',
      repository: { registry: 'ghcr.io', repository: 'stefanprodan/podinfo' },
      ref: {},
      intervalMs: 300_000,
      timeoutMs: 60_000,
      labels: {},
      suspend: false,
      unpack: { mode: 'files', layers: 'auto', links: 'record' },
      retain: { revisions: 10 },
      limits: DEFAULT_LIMITS,
    },
  ]);
});

test('reads everything a source can say', () => {
  const { sources } = parse(`
sources:
  - name: api
    namespace: web
    url: oci://registry.example:5000/team/api
    ref: { filter: "^main-(?P<ts>[0-9]+)$", extract: $ts, order: numerical }
    interval: 1h30m
    timeout: 90s
    labels: { tier: prod, app.kubernetes.io/part-of: shop }
    suspend: true
    unpack: { mode: archive }
    layers: { mediaType: application/vnd.example.tar+gzip }
    platform: linux/arm64/v8
    links: materialize
    ignore: |
      *.md
    retain: { revisions: 3 }
    limits: { files: 7 }
`);
  assert.deepEqual(sources, [
    {
      name: 'api',
      namespace: 'web',
      url: 'oci://registry.example:5000/team/api',
      repository: { registry: 'registry.example:5000', repository: 'team/api' },
      ref: { filter: '^main-(?P<ts>[0-9]+)$', extract: '$ts', order: 'numerical' },
      intervalMs: 5_400_000,
      timeoutMs: 90_000,
      labels: { tier: 'prod', 'app.kubernetes.io/part-of': 'shop' },
      suspend: true,
      unpack: {
        mode: 'archive',
        layers: { mediaType: 'application/vnd.example.tar+gzip' },
        platform: { os: 'linux', architecture: 'arm64', variant: 'v8' },
        links: 'materialize',
        ignore: '*.md\n',
      },
      retain: { revisions: 3 },
      limits: { ...DEFAULT_LIMITS, files: 7 },
    },
  ]);
});

test('reads credentials, receivers and deploys, with files beside the document', () => {
  const { credentials, receivers, deploys } = parse(`
sources: [{ name: web, url: oci://ghcr.io/org/web }, { name: api, namespace: b, url: oci://ghcr.io/org/api }]
credentials:
  - { registry: index.docker.io, repository: "org/*", username: bot, password: { file: secrets/hub } }
  - { registry: GHCR.io, dockerConfig: /root/.docker/config.json, caFile: ca.pem }
receivers:
  - { name: zone, type: distribution, registry: "127.0.0.1:5000", repositories: ["org/**"], secret: { env: HOOK } }
  - { name: hub, type: docker-hub, registry: registry-1.docker.io, hosts: [Mirror.example], aliases: { local: "" }, secret: { file: hook } }
deploys:
  - { name: site, kind: directory, source: web, path: public, target: ../current }
  - { name: run, kind: command, source: "b/*", command: [make, deploy], timeout: 5m }
  - { name: call, kind: http, source: "**", url: https://example.com/x, headers: { X-Key: { file: key } } }
`);
  assert.deepEqual(credentials, [
    {
      registry: 'docker.io',
      repository: 'org/*',
      username: 'bot',
      password: { file: '/etc/landfall/secrets/hub' },
      origin: '/etc/landfall/web.yaml:4:5',
    },
    {
      registry: 'ghcr.io',
      dockerConfig: '/root/.docker/config.json',
      caFile: '/etc/landfall/ca.pem',
      origin: '/etc/landfall/web.yaml:5:5',
    },
  ]);
  assert.deepEqual(receivers, [
    {
      name: 'zone',
      type: 'distribution',
      registry: '127.0.0.1:5000',
      repositories: ['org/**'],
      secret: { env: 'HOOK' },
    },
    {
      name: 'hub',
      type: 'docker-hub',
      registry: 'docker.io',
      hosts: ['mirror.example'],
      aliases: { local: '' },
      secret: { file: '/etc/landfall/hook' },
    },
  ]);
  assert.deepEqual(deploys, [
    {
      name: 'site',
      kind: 'directory',
      source: 'default/web',
      path: 'public',
      settings: { target: '/etc/current' },
      timeoutMs: 60_000,
    },
    {
      name: 'run',
      kind: 'command',
      source: 'b/*',
      settings: { command: ['make', 'deploy'] },
      timeoutMs: 300_000,
    },
    {
      name: 'call',
      kind: 'http',
      source: '**',
      settings: { url: 'https://example.com/x', headers: { 'X-Key': { file: '/etc/landfall/key' } } },
      timeoutMs: 60_000,
    },
  ]);
});

test('merges files and the documents in them, in order', () => {
  const one =
    'sources: [{ name: a, url: oci://r.example/a }]\n---\nsources: [{ name: b, url: oci://r.example/b }]';
  const two = '{\n\t"sources": [{ "name": "c", "url": "oci://r.example/c" }]\n}';
  const { sources } = parseDocuments([
    { file: 'one.yaml', text: one },
    { file: 'empty.yaml', text: '# nothing yet\n---\n' },
    { file: 'two.json', text: two },
  ]);
  assert.deepEqual(
    sources.map(({ name }) => name),
    ['a', 'b', 'c'],
  );
});

const refs: readonly (readonly [document: string, ref: unknown])[] = [
  ['{ semver: ">=6.0.0 <7.0.0" }', { semver: '>=6.0.0 <7.0.0' }],
  ['{ semver: "~1.2", filter: "-rc", order: semver }', { semver: '~1.2', filter: '-rc', order: 'semver' }],
  ['{ tag: latest }', { tag: 'latest' }],
  [`{ digest: "${DIGEST}" }`, { digest: DIGEST }],
  [`{ tag: v1, digest: "${DIGEST}" }`, { tag: 'v1', digest: DIGEST }],
  ['{ order: alphabetical }', { order: 'alphabetical' }],
];
for (const [document, ref] of refs) {
  test(`accepts ref ${document.slice(0, 60)}`, () => {
    const { sources } = parse(`sources: [{ name: a, url: oci://r.example/a, ref: ${document} }]`);
    assert.deepEqual(sources[0]?.ref, ref);
  });
}

test('follows aliases', () => {
  const { sources } = parse(`
sources:
  - { name: a, url: oci://r.example/a, labels: &labels { tier: prod } }
  - { name: b, url: oci://r.example/b, labels: *labels }
`);
  assert.deepEqual(sources[1]?.labels, { tier: 'prod' });
});
