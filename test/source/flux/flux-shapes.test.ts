import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from '../../../shared/source/document.ts';
import { CHART, helmRelease, helmRepository, ociRepository, parse } from './flux-documents.ts';

/** As `kubectl get ocirepositories -o json` prints one, with what the cluster adds to it. */
const item = (name: string) => ({
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'OCIRepository',
  metadata: { name, namespace: 'web', uid: '3e4b3388', generation: 2, resourceVersion: '3507360' },
  spec: { interval: '1h0m0s', provider: 'generic', timeout: '60s', url: `oci://r.example/${name}` },
  status: { conditions: [], observedGeneration: 2, artifact: { digest: 'sha256:x', revision: '1' } },
});
const listOf = (kind: string, ...items: readonly unknown[]): string =>
  JSON.stringify({ apiVersion: 'v1', kind, items, metadata: { resourceVersion: '' } }, null, 4);

test('reads what kubectl prints for more than one object', () => {
  const { sources } = parse(listOf('List', item('a'), item('b')));
  assert.deepEqual(
    sources.map(({ name }) => name),
    ['a', 'b'],
  );
  const { apiVersion: _, kind: __, ...bare } = item('c');
  const typed = JSON.stringify({
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'OCIRepositoryList',
    items: [bare],
  });
  assert.equal(parse(typed).sources[0]?.name, 'c');
  assert.deepEqual(parse(listOf('List')).sources, []);
});

test('a list with one bad item names its place, and its other kinds are notices', () => {
  const bad = { ...item('b'), spec: { ...item('b').spec, url: 'oci://r.example/b:v1' } };
  assert.throws(() => parse(listOf('List', item('a'), bad)), {
    code: 'CONFIG_INVALID',
    message: /^a\.yaml:\d\d:\d+: spec\.url: .*must not carry a tag/,
  });
  const pods = parse(listOf('PodList', { metadata: { name: 'p' } }, 7)).notices.map(({ message }) => message);
  assert.match(pods.join('\n'), /^Pod default\/p is not mapped\n/);
});

const printed = (space: number, ...objects: readonly unknown[]): string =>
  objects.map((object) => `${JSON.stringify(object, null, space)}\n`).join('');

test('reads JSON objects one behind another, as jq prints them and kubectl takes them', () => {
  for (const text of [
    printed(4, item('a'), item('b')),
    printed(0, item('a'), item('b')),
    `\ufeff\n${JSON.stringify(item('a'))}${JSON.stringify(item('b'))}`,
    printed(2, item('a'), item('b')).replaceAll('\n', '\r\n'),
    printed(2, { ...item('a'), spec: { ...item('a').spec, secretRef: undefined } }, item('b')),
  ]) {
    const { sources } = parse(text);
    assert.deepEqual(
      sources.map(({ name }) => name),
      ['a', 'b'],
      text,
    );
  }
});

test('what is wrong in the second of such objects is told with its own place', () => {
  const bad = { ...item('b'), spec: { url: 'oci://r.example/b:v1', interval: '1h' } };
  assert.throws(() => parse(`{}\n${JSON.stringify(item('a'))}\n{\n${JSON.stringify(bad).slice(1)}`), {
    code: 'CONFIG_INVALID',
    message: /^a\.yaml:4:\d{3}: spec\.url: .*must not carry a tag/,
  });
  assert.throws(() => parse(`${JSON.stringify(item('a'))}\n  {"kind":"x","kind":"y"}`), {
    code: 'CONFIG_INVALID',
    message: /^a\.yaml:2:15: Map keys must be unique/,
  });
});

test('YAML that only looks like such objects is YAML', () => {
  const text = `{ sources: [ { name: a, url: "oci://r.example/a", labels: { b: '}}} {{{' } } ] }`;
  assert.deepEqual(parse(text).sources[0]?.labels, { b: '}}} {{{' });
  for (const behind of ['{', '{ a: b }', '}', '"a"', '{"a":1} x', '[{}]'])
    assert.throws(() => parse(`${JSON.stringify(item('a'))}\n${behind}`), { code: 'CONFIG_INVALID' }, behind);
});

test('reads a byte order mark, CRLF and marks of documents', () => {
  const text = ociRepository('');
  for (const each of [`\ufeff${text}`, text.replaceAll('\n', '\r\n'), `---\n${text}---\n`]) {
    assert.equal(parse(each).sources.length, 1);
  }
});

const git = (spec: string): string => `
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: { name: my-app-oci, namespace: flux-system }
spec: { interval: 1m, url: "oci://ghcr.io/team/config", ${spec} }
`;

test('a GitRepository with an oci:// url is the OCIRepository it should be', () => {
  const { sources, notices, credentials } = parse(git('ref: { tag: v1.0.0 }, insecure: true'));
  assert.deepEqual(
    [sources[0]?.name, sources[0]?.ref, sources[0]?.intervalMs, sources[0]?.unpack.layers],
    ['my-app-oci', { tag: 'v1.0.0' }, 60_000, { first: true }],
  );
  assert.equal(credentials[0]?.plainHttp, true);
  assert.match(notices[0]?.message ?? '', /write kind: OCIRepository$/);
  assert.deepEqual(parse(git('ref: { semver: "1.x" }')).sources[0]?.ref, { semver: '1.x', helm: false });
});

test('what is of Git in it chooses nothing, and is told', () => {
  const { sources, notices } = parse(git('ref: { branch: main }'));
  assert.deepEqual(sources[0]?.ref, {});
  assert.match(notices[1]?.message ?? '', /^branch is of Git .*; the tag latest is watched$/);
  assert.deepEqual(parse(git('').replace('oci://', 'https://')).sources, []);
});

test('refuses verify of it, and a url that is none', () => {
  assert.throws(() => parse(git('verify: { mode: head }')), { code: 'NOT_SUPPORTED' });
  assert.throws(() => parse(git('').replace('team/config', 'Team')), { code: 'CONFIG_INVALID' });
});

const speaking: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  [
    'a Receiver without resources',
    'apiVersion: notification.toolkit.fluxcd.io/v1\nkind: Receiver\nmetadata: { name: a }\nspec: { type: harbor }',
    /^Receiver default\/a is not mapped: spec\.resources: is required/,
  ],
  [
    'an ImageUpdateAutomation',
    'apiVersion: image.toolkit.fluxcd.io/v1\nkind: ImageUpdateAutomation\nmetadata: { name: a }\nspec: { update: { path: ./apps } }',
    /^ImageUpdateAutomation default\/a is not mapped; nothing is committed to Git: a source with images: \[\{ marker: "ns:name", source: ns\/name \}\] writes/,
  ],
  [
    // controlplaneio-fluxcd/flux-operator, docs/web/fluxinstance-crd.md
    'a FluxInstance that syncs from a registry',
    'apiVersion: fluxcd.controlplane.io/v1\nkind: FluxInstance\nmetadata: { name: flux, namespace: flux-system }\nspec: { sync: { kind: OCIRepository, url: "oci://ghcr.io/org/fleet", ref: latest } }',
    /^FluxInstance flux-system\/flux is not mapped, and it names oci:\/\/ghcr\.io\/org\/fleet; to watch that, write it as the url of a source/,
  ],
  [
    'an Application of Argo CD',
    'apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: { name: a }\nspec: { source: { repoURL: "oci://u:canary@ghcr.io/a" } }',
    /^Application default\/a is not mapped, and it names oci:\/\/…;/,
  ],
  [
    'a HelmRepository of type oci that no chart comes from',
    helmRepository('{ type: oci, url: "oci://ghcr.io/charts" }'),
    /^HelmRepository web\/charts names a registry and no chart of it/,
  ],
  [
    'a HelmRepository with an oci:// url and no type',
    helmRepository('{ url: "oci://ghcr.io/charts" }'),
    /it has an oci:\/\/ url and is not of type oci; write type: oci$/,
  ],
  [
    'a Secret that nothing names',
    'apiVersion: v1\nkind: Secret\nmetadata: { name: ghcr, namespace: web }\nstringData: { password: canary }',
    /^Secret web\/ghcr is not used: no source of these documents names it$/,
  ],
];
for (const [what, text, message] of speaking) {
  test(`${what} is told what to do, and not that there is nothing to watch`, () => {
    const { sources, notices } = parse(text);
    assert.deepEqual(sources, []);
    assert.equal(notices.length, 1);
    assert.match(notices[0]?.message ?? '', message);
    assert.doesNotMatch(notices[0]?.message ?? '', /nothing to watch|canary/);
  });
}

test('a host without dot or port is told, and is what Flux takes it for in its own documents', () => {
  const own = parse('sources: [{ name: a, url: oci://stefanprodan/podinfo }]');
  assert.equal(own.sources[0]?.repository.registry, 'stefanprodan');
  assert.match(
    own.notices[0]?.message ?? '',
    /Docker Hub's is written oci:\/\/docker\.io\/stefanprodan\/podinfo$/,
  );
  const flux = parse(ociRepository('').replace('ghcr.io/stefanprodan/manifests', 'stefanprodan'));
  assert.equal(flux.sources[0]?.url, 'oci://docker.io/stefanprodan/podinfo');
  assert.match(flux.notices[0]?.message ?? '', /"stefanprodan" has neither dot nor port, so this is/);
  const charts = parse(helmRepository('{ type: oci, url: "oci://charts" }'), helmRelease(CHART));
  assert.match(
    charts.notices.map(({ message }) => message).join('\n'),
    /"charts" is the host of oci:\/\/charts\/podinfo/,
  );
  for (const host of ['localhost', 'localhost:5000', 'registry:5000', 'r.example', '[::1]:5000']) {
    assert.deepEqual(parse(`sources: [{ name: a, url: "oci://${host}/a" }]`).notices, []);
  }
});

test('a Secret whose login is a placeholder refuses the source that uses it alone', async () => {
  const { documentsInForce } = await import('../../../shared/source/in-force.ts');
  const secret = `
apiVersion: v1
kind: Secret
metadata: { name: ghcr, namespace: web }
stringData: { .dockerconfigjson: '{"auths":{"ghcr.io":{"auth":"<base64 of user:token>"}}}' }
`;
  const other = ociRepository('').replace('name: podinfo', 'name: other');
  const text = `${ociRepository('secretRef: { name: ghcr }')}---${other}---${secret}`;
  const { stalled, files, isUnsure } = documentsInForce([{ file: 'a.yaml', text, found: true }]);
  assert.deepEqual([stalled.map(({ name }) => name), isUnsure], [['podinfo'], false]);
  assert.deepEqual(
    files.get('a.yaml')?.sources.map(({ name }) => name),
    ['other'],
  );
  assert.throws(() => parseDocuments([{ file: 'a.yaml', text }]), { message: /auth is not base64/ });
});
