import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ArtifactFiles,
  generatedKustomization,
  readKustomizationTree,
} from '../../../shared/deploy/kubernetes/build/kustomization-tree.ts';
import { withOverlay } from '../../../shared/deploy/kubernetes/build/overlay.ts';
import { kubernetesSettings } from '../../../shared/deploy/kubernetes/kubernetes-settings.ts';

const filesOf = (content: Readonly<Record<string, string>>): ArtifactFiles => ({
  paths: new Set(Object.keys(content)),
  read: async (path) => content[path] ?? '',
});

const read = (kustomization: string, others: Readonly<Record<string, string>> = {}) =>
  readKustomizationTree(
    'app',
    filesOf({
      'app/kustomization.yaml': kustomization,
      'app/a.yaml': '',
      'base/kustomization.yaml': '',
      ...others,
    }),
    (content) => content,
  );

const FINE: readonly string[] = [
  'resources: [a.yaml, ../base]',
  'resources: [./a.yaml]\npatches: [{path: a.yaml}, {patch: "- op: remove\\n  path: /x", target: {kind: Deployment}}]',
  'configMapGenerator: [{name: c, files: [a.yaml, key=a.yaml], envs: [a.yaml], literals: ["a=/etc/passwd"]}]',
  'patchesStrategicMerge: [a.yaml, "{apiVersion: v1}", "a: 1\\nb: 2"]',
  'openapi: {path: a.yaml}\ncrds: [a.yaml]\nconfigurations: [a.yaml]\ncomponents: [../base]',
];
for (const text of FINE) test(`takes ${text.split('\n')[0]}`, async () => void (await read(text)));

/** Each would have kustomize read, fetch or run what is not in the artifact. */
const HOSTILE: readonly (readonly [text: string, why: RegExp])[] = [
  ['resources: [https://example.com/x.yaml]', /not in the artifact/],
  ['resources: [HTTPS://example.com/x.yaml]', /not in the artifact/],
  ['resources: [github.com/a/b]', /not in the artifact/],
  ['resources: ["git@github.com:a/b"]', /not in the artifact/],
  ['resources: ["gh:a/b"]', /not in the artifact/],
  ['resources: ["git::ssh://a/b"]', /not in the artifact/],
  ['resources: ["file:///etc"]', /not in the artifact/],
  ['resources: ["../base?ref=main"]', /not in the artifact/],
  ['resources: [/etc/kubernetes/admin.yaml]', /outside of the artifact/],
  ['resources: [../../x.yaml]', /outside of the artifact/],
  ['resources: [../app/../../x.yaml]', /outside of the artifact/],
  ['resources: [""]', /outside of the artifact/],
  ['resources: [absent.yaml]', /not in the artifact/],
  ['resources: [../nothing]', /not in the artifact/],
  ['components: [https://example.com/c]', /not in the artifact/],
  ['bases: [../../b]', /outside of the artifact/],
  ['crds: [/etc/passwd]', /outside of the artifact/],
  ['configurations: [/etc/passwd]', /outside of the artifact/],
  ['openapi: {path: /etc/passwd}', /outside of the artifact/],
  ['openapi: {Path: /etc/passwd}', /no field that is known/],
  ['patches: [{path: /etc/passwd}]', /outside of the artifact/],
  ['patches: [{path: [/etc/passwd]}]', /outside of the artifact/],
  ['patchesJson6902: [{path: ../../x}]', /outside of the artifact/],
  ['patchesStrategicMerge: [/etc/kubernetes/admin.conf]', /outside of the artifact/],
  ['patchesStrategicMerge: ["{x\\n/../../../../etc/kubernetes/admin.conf"]', /outside of the artifact/],
  ['patchesStrategicMerge: ["{/../../../etc/kubernetes/admin.conf"]', /outside of the artifact/],
  ['patchesStrategicMerge: ["/etc/kubernetes/admin\\n.conf"]', /outside of the artifact/],
  ['replacements: [{path: /etc/passwd}]', /outside of the artifact/],
  ['configMapGenerator: [{name: c, files: [/etc/passwd]}]', /outside of the artifact/],
  ['configMapGenerator: [{name: c, files: [k=/etc/passwd]}]', /outside of the artifact/],
  ['secretGenerator: [{name: c, envs: [/proc/self/environ]}]', /outside of the artifact/],
  ['secretGenerator: [{name: c, env: /proc/self/environ}]', /outside of the artifact/],
  ['secretGenerator: [{name: c, Files: [/etc/passwd]}]', /no field that is known/],
  ['Resources: [/etc/passwd]', /no field that is known/],
  ['generators: [a.yaml]', /is not supported/],
  ['transformers: [a.yaml]', /is not supported/],
  ['validators: [a.yaml]', /is not supported/],
  ['helmCharts: [{name: x, repo: "https://example.com"}]', /is not supported/],
  ['resources: a.yaml', /no list of texts/],
  ['resources: [{}]', /no list of texts/],
  ['resources: [!!binary aHR0cHM6Ly9leGFtcGxlLmNvbQ==]', /no list of texts/],
  ['patches: {a: b}', /no list of mappings/],
  ['- a', /no mapping/],
  ['a: [', /cannot be read/],
  ['resources: [a.yaml]\nresources: [b.yaml]', /cannot be read/],
];
for (const [text, message] of HOSTILE)
  test(`refuses ${text}`, () => assert.rejects(read(text), { code: 'DEPLOY_FAILED', message }));

test('refuses a bomb of aliases', () => {
  const line = (name: string, of: string): string =>
    `${name}: &${name} [${Array.from({ length: 12 }, () => `*${of}`).join(', ')}]`;
  const bomb = [
    'a: &a [x, x]',
    ...'bcdefgh'.split('').map((name, at) => line(name, 'abcdefgh'[at] ?? 'a')),
  ].join('\n');
  return assert.rejects(read(bomb), { code: 'DEPLOY_FAILED', message: /cannot be read/ });
});

test('what a base names is checked, too, and a circle ends', async () => {
  await assert.rejects(
    read('resources: [../base]', { 'base/kustomization.yaml': 'resources: [/etc/passwd]' }),
    { message: /^base\/kustomization.yaml: .*outside/ },
  );
  const { files } = await read('resources: [../base]', { 'base/kustomization.yaml': 'resources: [../app]' });
  assert.deepEqual([...files.keys()], ['app/kustomization.yaml', 'base/kustomization.yaml']);
});

test('refuses a folder that is not there, and one with two kustomizations', async () => {
  await assert.rejects(
    readKustomizationTree('none', filesOf({ 'a.yaml': '' }), (content) => content),
    { message: /no folder of the artifact/ },
  );
  await assert.rejects(read('', { 'app/Kustomization': '' }), { message: /wanted one of them/ });
});

test('a folder without a kustomization is its YAML files, and the folders that have one', () => {
  const paths = [
    'a.yaml',
    'b.yml',
    'c.json',
    'README.md',
    'd/e.yaml',
    'd/f/kustomization.yaml',
    'd/f/g.yaml',
    'd/f/h/i.yaml',
  ];
  const made = generatedKustomization('.', { paths: new Set(paths), read: async () => '' });
  assert.deepEqual(made['resources'], ['./a.yaml', './b.yml', './d/e.yaml', './d/f']);
  const below = generatedKustomization('d', { paths: new Set(paths), read: async () => '' });
  assert.deepEqual(below['resources'], ['./e.yaml', './f']);
});

test('a kustomization to which the deploy has nothing to say is built as it is', () => {
  const settings = kubernetesSettings.parse({});
  for (const content of [{ resources: ['a.yaml'] }, { images: [{ name: 'app', newTag: '1' }] }]) {
    assert.deepEqual(withOverlay(content, settings, []), content);
    assert.deepEqual(withOverlay(content, settings, ['more']), { ...content, components: ['more'] });
  }
});
