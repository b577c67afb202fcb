import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SOURCE_DOCUMENT_BYTES } from '../../../shared/limits.ts';
import { parseDocuments } from '../../../shared/source/document.ts';
import { ociRepository } from '../flux/flux-documents.ts';

const NEIGHBOUR = { file: 'sources.yaml', text: 'sources: [{ name: a, url: oci://r.example/a }]' };
/** A file as it lies in a folder, beside a sound document. */
const inFolder = (text: string, file = 'x.yaml') => parseDocuments([NEIGHBOUR, { file, text, found: true }]);

const SAMPLE = (name: string, more = ''): string => `apiVersion: ${name}\n${more}`;
const large = (text: string): string => `${text}\n# ${'x'.repeat(SOURCE_DOCUMENT_BYTES)}`;

/** Shapes of what whole repositories hold; those of Flux are cut from the named files. */
const foreign: readonly (readonly [what: string, text: string, notice: RegExp])[] = [
  // controlplaneio-fluxcd/d2-infra 4040325, components/monitoring/configs/base/dashboards/cluster.json
  [
    'a dashboard of Grafana',
    '{"annotations": {"list": []}, "editable": true, "links": [], "panels": [], "title": "Flux"}',
    /no document of Landfall or Flux: it has "annotations", "editable"/,
  ],
  // the same, components/monitoring/controllers/base/kustomizeconfig.yaml
  [
    'a kustomizeconfig.yaml',
    'nameReference:\n  - kind: ConfigMap\n    version: v1\n    fieldSpecs: [{ path: spec/valuesFrom/name, kind: HelmRelease }]',
    /it has "nameReference"; left out$/,
  ],
  [
    'a kustomization without a kind',
    'resources: [a.yaml]\nnamespace: web',
    /it has "resources", "namespace"/,
  ],
  ['one that has resources alone', 'resources: []', /it has "resources"; left out$/],
  [
    'values of a chart',
    'image: { tag: 1 }\nsource: { a: 1 }\ncredentials: { user: a }',
    /it has "image", "source"/,
  ],
  [
    'a configuration of Alertmanager',
    'route: {}\nreceivers: [{ name: web, webhook_configs: [] }]',
    /it has "route"/,
  ],
  [
    'a configuration of a collector',
    'receivers: { otlp: {} }\nexporters: {}',
    /it has "receivers", "exporters"/,
  ],
  // rcdailey/home-ops, kubernetes/apps/observability/victoria-logs-single/vector/vector-sources.yaml
  [
    'sources of Vector in a file of their own',
    'sources:\n  k8s: { type: kubernetes_logs, use_apiserver_cache: true }\n  talos: { type: socket, mode: tcp }',
    /it has "sources"; left out$/,
  ],
  [
    'receivers of a collector in a file of their own',
    'receivers:\n  otlp: { protocols: { grpc: {} } }\n  hostmetrics:',
    /it has "receivers"; left out$/,
  ],
  ['a list', '- a\n- b', /^a list, and no document of Landfall/],
  ['a text', 'just words', /^a string, and no document of Landfall/],
  [
    'a Chart.yaml',
    'apiVersion: v2\nname: a\nsources: [https://github.com/a]',
    /apiVersion without a kind; left out$/,
  ],
  [
    'a template of Helm',
    'a: {{ .Values.a }}\nkind: OCIRepository',
    /^a template, and no document: .*; left out$/,
  ],
  [
    'a template of Jinja',
    '{% if enabled %}\nkind: OCIRepository\n{% endif %}',
    /^a template, and no document: .*; left out$/,
  ],
  [
    'a template that is YAML too',
    ociRepository('ref: { tag: "{{ .Values.tag }}" }'),
    /spec\.ref\.tag: .*; it holds \{\{ \.Values\.tag \}\}, which is filled in .*; left out$/,
  ],
  [
    'a template with a line break and an escape in it, which a line of a log could not be told from',
    ociRepository('ref: { tag: "{{ a\\nlandfall: b\\e[2J }}" }'),
    /; it holds \{\{ a\\u000alandfall: b\\u001b\[2J \}\}, which is filled in .*; left out$/,
  ],
  ['a template of CloudFormation', 'Resources:\n  a: !Sub b', /^no document that can be read: .*; left out$/],
  ['YAML that is none', 'a: [', /^no document that can be read: .*; left out$/],
  ['a key twice', 'a: 1\na: 2', /^no document that can be read: .*; left out$/],
  ['a file that is too large', large('{"panels": []}'), /wanted at most 262144 bytes/],
  // fluxcd/flux2 da2d22d, manifests/crds: a bootstrapped repository holds them all as gotk-components.yaml
  [
    'definitions of kinds that are too large',
    large(
      'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  names:\n    kind: OCIRepository',
    ),
    /wanted at most 262144 bytes/,
  ],
  ['an empty file', '', /^is empty: there is no document in it$/],
  ['comments alone', '# nothing\n---\n', /^is empty/],
  [
    // fluxcd/flux2-kustomize-helm-example 4f1a5b1, apps/production/podinfo-values.yaml
    'a patch of a HelmRelease',
    'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: { name: podinfo, namespace: podinfo }\nspec: { chart: { spec: { version: ">=1.0.0" } } }',
    /^HelmRelease podinfo\/podinfo is not mapped: it names no chart, as a patch of another document$/,
  ],
  [
    'a patch of an OCIRepository',
    'apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: { name: a }\nspec: { ref: { tag: v1 } }',
    /^OCIRepository default\/a is not mapped: it names no registry, as a patch/,
  ],
  [
    'a HelmRelease of long ago',
    'apiVersion: helm.fluxcd.io/v1\nkind: HelmRelease\nmetadata: { name: a }',
    /^HelmRelease default\/a is not mapped$/,
  ],
  [
    'variables that Flux substitutes',
    ociRepository(`ref: { tag: "\${TAG:=v1}" }`),
    /spec\.ref\.tag: .*; it holds \$\{TAG:=v1\}, which is filled in \(by Flux's postBuild.*; left out$/,
  ],
  [
    'an object of Kubernetes',
    SAMPLE('apps/v1', 'kind: Deployment\nmetadata: { name: a }'),
    /^Deployment default\/a is not mapped$/,
  ],
];
for (const [what, text, notice] of foreign) {
  test(`${what} in a folder is told, and its neighbour is read`, () => {
    const { sources, notices } = inFolder(text);
    assert.deepEqual(
      sources.map(({ name }) => name),
      ['a'],
    );
    assert.equal(notices.length, 1);
    assert.match(notices[0]?.message ?? '', notice);
    assert.match(notices[0]?.place ?? '', /^x\.yaml:\d+:\d+$/);
  });
}

test('a file of other bytes than UTF-8 is told', () => {
  const { notices } = parseDocuments([
    NEIGHBOUR,
    { file: 'x.yaml', text: '\ufffd', found: true, isUtf8: false },
  ]);
  assert.match(notices[0]?.message ?? '', /is no UTF-8 text; left out$/);
});

/** What was meant for us is refused wherever it lies. */
const ours: readonly (readonly [what: string, text: string, message: RegExp])[] = [
  [
    'a misspelt list',
    'souces: [{ name: a, url: oci://r.example/b }]',
    /unknown key "souces"; did you mean "sources"\?/,
  ],
  ['one that is empty', 'sauces: []', /did you mean "sources"\?/],
  ['one in capitals', 'Sources: [{ name: b, url: oci://r.example/b }]', /did you mean "sources"\?/],
  [
    'a foreign key beside sources',
    'sources: [{ name: b, url: oci://r.example/b }]\nimage: 1',
    /unknown key "image"/,
  ],
  [
    'sources with an apiVersion',
    'apiVersion: v1\nkind: Sources\nsources: [{ name: b, url: oci://r.example/b }]',
    /unknown key "apiVersion"/,
  ],
  ['sources that are no list', 'sources: { b: { url: oci://r.example/b } }', /sources: wanted a list/],
  ['a source where a list belongs', 'sources: { name: b, url: oci://r.example/b }', /sources: wanted a list/],
  ['sources in YAML that is none', 'sources: [\n', /x\.yaml:\d+:\d+/],
  ['sources in JSON that is none', '{ "deploys": [], "sources": [', /x\.yaml:\d+:\d+/],
  ['sources of too many bytes', large('sources: []'), /wanted at most 262144 bytes/],
  [
    'an OCIRepository without an interval',
    ociRepository('').replace('  interval: 5m0s\n', ''),
    /spec\.interval: is required/,
  ],
  [
    'an OCIRepository of a bad range',
    ociRepository('ref: { semver: banana }'),
    /spec\.ref\.semver: .*banana/,
  ],
  [
    'an OCIRepository that wants to be verified, whatever else is to be filled in',
    ociRepository(`ref: { tag: "\${TAG}" }\n  verify: {}`),
    /spec\.verify: wanted secretRef or matchOIDCIdentity/,
  ],
  ['an OCIRepository in YAML that is none', 'kind: OCIRepository\nspec: [', /x\.yaml:\d+:\d+/],
  [
    'too many objects of kubectl',
    large('apiVersion: v1\nitems:\n- apiVersion: source.toolkit.fluxcd.io/v1\n  kind: OCIRepository'),
    /wanted at most 262144 bytes/,
  ],
];
for (const [what, text, message] of ours) {
  test(`refuses ${what} in a folder`, () => {
    assert.throws(() => inFolder(text), { code: 'CONFIG_INVALID', message });
  });
}

for (const [what, text, message] of [
  ['a map of others', 'panels: []', /unknown key "panels"/],
  ['a list', '- a', /wanted a map, got a list/],
  ['YAML that is none', 'a: [', /a\.yaml:\d+:\d+/],
  [
    'variables',
    ociRepository(`ref: { tag: "\${TAG}" }`),
    /it holds \$\{TAG\}, which is filled in \(by Flux's postBuild/,
  ],
] as const) {
  test(`refuses ${what} in a document that was named`, () => {
    assert.throws(() => parseDocuments([{ file: 'a.yaml', text }]), { code: 'CONFIG_INVALID', message });
  });
}

test('objects of a folder that say nothing of a registry are told once a kind, and what says something each for itself', () => {
  const namespace = (name: string): string =>
    `apiVersion: v1\nkind: Namespace\nmetadata: { name: ${name} }\n`;
  const kustomization =
    'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n';
  const speaking =
    'apiVersion: x/v1\nkind: Fleet\nmetadata: { name: a }\nspec: { url: "oci://ghcr.io/fleet" }\n';
  const text = ['a', 'b', 'c'].map(namespace).join('---\n');
  const all = [text, kustomization, kustomization, speaking, speaking].join('---\n');
  const { notices } = inFolder(all);
  assert.deepEqual(
    notices.map(({ message }) => message),
    [
      'Fleet default/a is not mapped, and it names oci://ghcr.io/fleet; to watch that, write it as the url of a source, or of an OCIRepository',
      'Fleet default/a is not mapped, and it names oci://ghcr.io/fleet; to watch that, write it as the url of a source, or of an OCIRepository',
      'Namespace default/a is not mapped, nor are 2 more of its kind (v1)',
      "is kustomize's own file, for whoever builds its folder; left out, as is one more",
    ],
  );
  const named = parseDocuments([{ file: 'x.yaml', text }]);
  assert.equal(named.notices.length, 3);
});
