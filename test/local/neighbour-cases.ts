export const source = (name: string, more = ''): string =>
  `{ name: ${name}, namespace: web, url: "oci://r.example/team/${name}"${more} }`;
export const sources = (...entries: readonly string[]): string => `sources: [${entries.join(', ')}]\n`;
export const deploy = (name: string, more = ''): string =>
  `{ name: ${name}, kind: directory, source: web/good, target: ./live-${name}${more} }`;
export const deploys = (...entries: readonly string[]): string => `deploys: [${entries.join(', ')}]\n`;
const receiver = (name: string, more = ''): string =>
  `{ name: ${name}, type: generic, registry: r.example, secret: { env: S }${more} }`;
const receivers = (...entries: readonly string[]): string => `receivers: [${entries.join(', ')}]\n`;

const object = (apiVersion: string, kind: string, name: string, spec: string): string =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: ${name}, namespace: web }\nspec: ${spec}\n`;
const flux = (kind: string, name: string, spec: string): string =>
  object(`${kind.startsWith('Image') ? 'image' : 'source'}.toolkit.fluxcd.io/v1`, kind, name, spec);
export const release = (name: string): string =>
  object(
    'helm.toolkit.fluxcd.io/v2',
    'HelmRelease',
    name,
    '{ interval: 5m, chart: { spec: { chart: app, version: "1.x", sourceRef: { kind: HelmRepository, name: charts } } } }',
  );
const kustomization = (name: string): string =>
  object(
    'kustomize.toolkit.fluxcd.io/v1',
    'Kustomization',
    name,
    '{ interval: 5m, prune: true, path: ./, sourceRef: { kind: OCIRepository, name: ours } }',
  );
const repository = (name: string): string =>
  flux('OCIRepository', name, '{ interval: 5m, url: "oci://r.example/ours" }');
export const charts = (more = 'interval: 5m'): string =>
  flux('HelmRepository', 'charts', `{ type: oci, url: "oci://r.example/charts", ${more} }`);
const policy = (name: string, more = 'policy: { semver: { range: ">=1" } }'): string =>
  flux('ImagePolicy', name, `{ imageRepositoryRef: { name: img }, ${more} }`);
const secret = (user: string): string =>
  `apiVersion: v1\nkind: Secret\nmetadata: { name: s, namespace: web }\nstringData: { username: ${user}, password: p }\n`;
const documents = (...all: readonly string[]): string => all.join('---\n');

export interface Case {
  readonly files: Readonly<Record<string, string>>;
  /** Beside `good`, and what it deploys. */
  readonly also?: string;
  readonly stalled?: string;
  /** What the problems say, in their order. */
  readonly told: readonly RegExp[];
}

export const CASES: Readonly<Record<string, Case>> = {
  'two deploys of one name': {
    files: { 'b.yaml': deploys(deploy('x')), 'c.yaml': deploys(deploy('x', ', prune: true'), deploy('y')) },
    also: 'deploy y',
    told: [/c\.yaml:1:11: deploys\[0\]: deploy x is already defined at .*b\.yaml:1:11, and neither is used/],
  },
  'two deploys of one target': {
    files: { 'b.yaml': deploys(deploy('x'), deploy('y').replace('live-y', 'live-x'), deploy('z')) },
    also: 'deploy z',
    told: [/b\.yaml:1:\d+: deploys\[1\]: target: .*live-x is the link of deploy x at .*b\.yaml:1:11/],
  },
  'a deploy whose target is below that of another': {
    files: { 'b.yaml': deploys(deploy('x').replace('live-x', 'live-good/x'), deploy('z')) },
    also: 'deploy z',
    told: [
      /b\.yaml:1:11: deploys\[0\]: target: .*live-good\/x is below .*live-good, .* deploy good at .*good\.yaml:2:11/,
    ],
  },
  'a deploy that is refused beside a sound one': {
    files: { 'b.yaml': deploys(deploy('x', ', nope: 1'), deploy('y')) },
    also: 'deploy y',
    told: [/b\.yaml:1:\d+: deploys\[0\]: unknown key "nope"/],
  },
  'a deploy of a source that nobody has': {
    files: { 'b.yaml': deploys(deploy('x').replace('web/good', 'web/goood'), deploy('y')) },
    also: 'deploy x, deploy y',
    told: [
      /b\.yaml:1:11: deploys\[0\]: source "web\/goood" is not in these documents; did you mean "web\/good"\?/,
    ],
  },
  'deploys in a ring': {
    files: {
      'b.yaml': deploys(deploy('x', ', dependsOn: [y]'), deploy('y', ', dependsOn: [x]'), deploy('z')),
    },
    also: 'deploy x, deploy y, deploy z',
    told: [/b\.yaml:1:11: deploys\[0\]: dependsOn goes in a ring, and none begins: x, y/],
  },
  'two receivers of one name': {
    files: { 'b.yaml': receivers(receiver('x'), receiver('y')), 'c.yaml': receivers(receiver('x')) },
    also: 'receiver y',
    told: [
      /c\.yaml:1:13: receivers\[0\]: receiver x is already defined at .*b\.yaml:1:13, and neither is used/,
    ],
  },
  'a receiver that is refused beside a sound one': {
    files: { 'b.yaml': receivers(receiver('x', ', nope: 1'), receiver('y')) },
    also: 'receiver y',
    told: [/b\.yaml:1:\d+: receivers\[0\]: unknown key "nope"/],
  },
  'a credential that is refused beside a source': {
    files: { 'b.yaml': `${sources(source('x'))}credentials: [{ registry: q.example, usrname: a }]\n` },
    also: 'x',
    told: [/b\.yaml:2:\d+: credentials\[0\]: unknown key "usrname"; did you mean "username"\?/],
  },
  'a key at the top that nobody knows': {
    files: { 'b.yaml': `${sources(source('x'))}credentails: []\n` },
    stalled: 'x',
    told: [/b\.yaml:2:1: unknown key "credentails"; did you mean "credentials"\?/],
  },
  'a list that is none': {
    files: { 'b.yaml': `${sources(source('x'))}deploys: hello\n` },
    also: 'x',
    told: [/b\.yaml:2:10: deploys: wanted a list, got a string/],
  },
  'a source without a name': {
    files: { 'b.yaml': sources('{ url: "oci://r.example/a" }', source('x')) },
    also: 'x',
    told: [/b\.yaml:1:11: sources\[0\]\.name: is required/],
  },
  'two sources of one name': {
    files: { 'b.yaml': sources(source('x'), source('y')), 'c.yaml': sources(source('x')) },
    also: 'y',
    stalled: 'x',
    told: [/c\.yaml:1:11: sources\[0\]: source web\/x is already defined at .*b\.yaml:1:11/],
  },
  'no YAML': { files: { 'b.yaml': 'sources: [\n' }, told: [/b\.yaml:2:1: /] },
  'a document of several that is no YAML': {
    files: { 'b.yaml': documents(sources(source('x')), 'sources: [\n', sources(source('y'))) },
    also: 'x, y',
    told: [/b\.yaml:4:1: /],
  },
  'a key that is there twice': {
    files: { 'b.yaml': 'sources:\n  - name: x\n    name: y\n    url: oci://r.example/x\n' },
    told: [/b\.yaml:3:5: Map keys must be unique/],
  },
  'indents of tabs': {
    files: { 'b.yaml': 'sources:\n\t- name: x\n' },
    told: [/b\.yaml:2:1: Tabs are not allowed as indentation/],
  },
  'aliases that multiply': {
    files: {
      'b.yaml': `a: &a [${'x, '.repeat(9)}x]\nb: &b [${'*a, '.repeat(9)}*a]\nc: &c [${'*b, '.repeat(9)}*b]\nsources: [${'*c, '.repeat(9)}*c]\n`,
    },
    told: [/b\.yaml:1:1: Excessive alias count/],
  },
  'brackets without an end': {
    files: { 'b.yaml': `sources: ${'['.repeat(100_000)}` },
    told: [/b\.yaml:1:1: nests too deeply/],
  },
  '5 MB': {
    files: { 'b.yaml': `${sources(source('x'))}#${'x'.repeat(5_000_000)}\n` },
    told: [/b\.yaml:1:1: wanted at most 262144 bytes/],
  },
  'two OCIRepositories of one name': {
    files: { 'b.yaml': documents(repository('x'), repository('x'), repository('y')) },
    also: 'y',
    stalled: 'x',
    told: [/b\.yaml:6:1: source web\/x is already defined at .*b\.yaml:1:1/],
  },
  'two HelmReleases of one name': {
    files: { 'a.yaml': documents(charts(), release('y')), 'b.yaml': release('x'), 'c.yaml': release('x') },
    also: 'y, deploy web-y-release',
    stalled: 'x',
    told: [
      /c\.yaml:1:1: source web\/x is already defined at .*b\.yaml:1:1/,
      /c\.yaml:1:1: deploy web-x-release is already defined at .*b\.yaml:1:1, and neither is used/,
    ],
  },
  'two Kustomizations of one name': {
    files: {
      'a.yaml': repository('ours'),
      'b.yaml': documents(kustomization('x'), kustomization('y')),
      'c.yaml': kustomization('x'),
    },
    also: 'ours, deploy web-y',
    told: [/c\.yaml:1:1: deploy web-x is already defined at .*b\.yaml:1:1, and neither is used/],
  },
  'a Kustomization that is refused beside a sound one': {
    files: {
      'b.yaml': documents(
        repository('ours'),
        kustomization('x').replace('prune: true', 'prune: maybe'),
        kustomization('y'),
      ),
    },
    also: 'ours, deploy web-y',
    told: [/b\.yaml:9:\d+: spec\.prune: wanted true or false/],
  },
  'a HelmRepository that cannot be read': {
    files: { 'a.yaml': charts('interval: soon'), 'b.yaml': documents(release('x'), repository('y')) },
    also: 'y',
    stalled: 'x',
    told: [
      /a\.yaml:4:\d+: spec\.interval: wanted a duration .*got "soon"/,
      /b\.yaml:4:\d+: spec\.chart\.spec\.sourceRef: HelmRepository web\/charts is refused at .*a\.yaml:4:\d+$/,
    ],
  },
  'two HelmRepositories of one name': {
    files: {
      'a.yaml': documents(charts(), repository('y')),
      'b.yaml': release('x'),
      'c.yaml': charts('insecure: true'),
    },
    also: 'y',
    stalled: 'x',
    told: [
      /b\.yaml:4:\d+: .*HelmRepository web\/charts is defined at .*a\.yaml:1:1 and, .*, at .*c\.yaml:1:1;/,
    ],
  },
  'two HelmRepositories that say the same': {
    files: { 'a.yaml': charts(), 'b.yaml': release('x'), 'c.yaml': charts() },
    also: 'x, deploy web-x-release',
    told: [],
  },
  'an ImageRepository that cannot be read': {
    files: {
      'a.yaml': flux('ImageRepository', 'img', '{ interval: 5m, image: 5 }'),
      'b.yaml': documents(policy('x'), repository('y')),
    },
    also: 'y',
    stalled: 'x',
    told: [
      /a\.yaml:4:\d+: spec\.image: wanted a string/,
      /b\.yaml:4:\d+: spec\.imageRepositoryRef: ImageRepository web\/img is refused at .*a\.yaml:4:\d+$/,
    ],
  },
  'an ImagePolicy that cannot be read': {
    files: {
      'a.yaml': flux('ImageRepository', 'img', '{ interval: 5m, image: r.example/img }'),
      'b.yaml': documents(policy('x', 'policy: {}'), policy('y')),
    },
    also: 'y',
    stalled: 'x',
    told: [/b\.yaml:4:\d+: spec\.policy: wanted semver, numerical or alphabetical/],
  },
  'an OCIRepository that cannot be read': {
    files: { 'b.yaml': documents(repository('x').replace('oci:', 'http:'), repository('y')) },
    also: 'y',
    stalled: 'x',
    told: [/b\.yaml:4:\d+: spec\.url: .*does not start with oci/],
  },
  'two Secrets of one name': {
    files: {
      'b.yaml': repository('x').replace('/ours"', '/ours", secretRef: { name: s }'),
      'c.yaml': documents(secret('a'), secret('b'), repository('y')),
    },
    also: 'y',
    stalled: 'x',
    told: [
      /b\.yaml:4:\d+: spec\.secretRef: Secret web\/s is defined at .*c\.yaml:1:1 and, .*, at .*c\.yaml:6:1;/,
    ],
  },
  'a kind that is misspelt': {
    files: { 'b.yaml': repository('x').replace('OCIRepository', 'OCIRepositry') },
    told: [/b\.yaml:2:7: kind: unknown kind "OCIRepositry".*did you mean "OCIRepository"\?/],
  },
};
