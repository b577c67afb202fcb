import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { type App, Aws, Stack } from 'aws-cdk-lib';
import { Landfall } from '../../infra/landfall.ts';
import type { LandfallProps } from '../../infra/landfall-props.ts';
import { isLandfallError, type LandfallError } from '../../shared/errors.ts';
import { landfallIn, synthesize, synthOf, templateOf, testApp } from './stack/template.ts';
import { temporaryFolderSync } from './temporary-folder-sync.ts';

/** Files by their paths in a new folder. */
function folderOf(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolderSync();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

function refusal(make: () => unknown): LandfallError {
  try {
    make();
  } catch (error) {
    if (isLandfallError(error)) return error;
    throw error;
  }
  assert.fail('nothing was refused');
}

const WEB = 'sources:\n  - name: web\n    url: oci://ghcr.io/team/web\n';

test('a bad document is refused at synth with file, line, key and what was meant', () => {
  const folder = folderOf({
    'good.yaml': WEB,
    'teams/bad.yaml': 'sources:\n  - name: api\n    url: oci://ghcr.io/team/api\n    intervall: 5m\n',
  });
  const { code, message } = refusal(() => synthesize({ documents: [folder] }));
  assert.equal(code, 'CONFIG_INVALID');
  assert.equal(
    message,
    `${join(folder, 'teams/bad.yaml')}:4:5: sources[0]: unknown key "intervall"; did you mean "interval"?`,
  );
});

test('so are properties, by the line they would have had and the key they have', () => {
  const { message } = refusal(() =>
    synthesize({ sources: [{ name: 'web', url: 'oci://ghcr.io/team/web', ref: { semver: '>=banana' } }] }),
  );
  assert.match(message, /^Test\/Landfall:\d+:\d+: sources\[0\]\.ref\.semver: /);
});

test('a source that two documents define names both places', () => {
  const folder = folderOf({ 'a.yaml': WEB, 'b.yaml': WEB });
  const { message } = refusal(() => synthesize({ documents: [folder] }));
  assert.match(message, /b\.yaml:2:5: .*default\/web is already defined at .*a\.yaml:2:5/);
});

test('a folder that is not there, or has no documents, is refused', () => {
  assert.match(
    refusal(() => synthesize({ documents: ['/nowhere'] })).message,
    /cannot read \/nowhere: ENOENT/,
  );
  const empty = folderOf({ 'README.md': '' });
  assert.match(refusal(() => synthesize({ documents: [empty] })).message, /found no \*\.yaml/);
});

test('two documents that would have one name in the bucket are refused', () => {
  const [a, b] = [folderOf({ 'x.yaml': WEB }), folderOf({ 'x.yaml': 'sources: []' })];
  const { message } = refusal(() => synthesize({ documents: [a, b] }));
  assert.equal(message, `${join(a, 'x.yaml')} and ${join(b, 'x.yaml')} would both be x.yaml in the bucket`);
  const taken = folderOf({ 'landfall.json': '{}' });
  const props = { documents: [taken], sources: [{ name: 'web', url: 'oci://ghcr.io/team/web' }] };
  assert.match(refusal(() => synthesize(props)).message, /share a name/);
});

const RECEIVER = { name: 'hub', type: 'generic', registry: 'ghcr.io' } as const;
const SECRETS: readonly (readonly [what: string, props: LandfallProps, told: RegExp])[] = [
  [
    'a value in the document',
    { receivers: [{ ...RECEIVER, secret: { value: 'canary-4711' } }] },
    /receiver hub: secret: a secret on AWS is in Secrets Manager or SSM; got \{ value: … \}/,
  ],
  ['a variable', { receivers: [{ ...RECEIVER, secret: { env: 'HUB' } }] }, /got \{ env: … \}/],
  [
    'a file',
    { credentials: [{ registry: 'ghcr.io', username: 'bot', password: { file: 'token' } }] },
    /Test\/Landfall:\d+:\d+: .*got \{ file: … \}/,
  ],
  [
    'a docker config',
    { credentials: [{ registry: 'ghcr.io', dockerConfig: 'config.json' }] },
    /dockerConfig: a secret on AWS is in Secrets Manager or SSM; got \{ file: … \}/,
  ],
];

for (const [what, props, told] of SECRETS) {
  test(`a secret that a function could not read is refused at synth, untold: ${what}`, () => {
    const { message } = refusal(() => synthesize(props));
    assert.match(message, told);
    assert.doesNotMatch(message, /canary/);
  });
}

test('a value that only the deploy knows is refused: documents are put as they are', () => {
  const props = {
    sources: [{ name: 'web', url: `oci://${Aws.ACCOUNT_ID}.dkr.ecr.eu-west-1.amazonaws.com/web` }],
  };
  assert.match(refusal(() => synthesize(props)).message, /known only once the stack is deployed/);
});

test('what is deployed is what was checked, in one file, with a name for each document', () => {
  const folder = folderOf({
    'web.yaml': WEB,
    'teams/api.json': '{"sources":[]}',
    '.hidden/x.yaml': 'sources: [1]',
  });
  const { app, stack } = landfallIn({
    documents: [folder],
    sources: [{ name: 'inline', url: 'oci://ghcr.io/team/inline' }],
  });
  const properties = templateOf(stack).properties('Documents');
  assert.deepEqual(properties['names'], ['landfall.json', 'teams/api.json', 'web.yaml']);
  const asset = readdirSync(app.outdir).find((name) => name === `asset.${String(properties['key'])}`);
  const deployed: unknown = JSON.parse(readFileSync(join(app.outdir, asset ?? ''), 'utf8'));
  assert.deepEqual(deployed, [
    {
      file: 'landfall.json',
      text: JSON.stringify({ sources: [{ name: 'inline', url: 'oci://ghcr.io/team/inline' }] }, null, 2),
    },
    { file: 'teams/api.json', text: '{"sources":[]}' },
    { file: 'web.yaml', text: WEB },
  ]);
});

test('they are put once the rules are there that tell of them', () => {
  const resource = synthesize({ sources: [{ name: 'web', url: 'oci://ghcr.io/team/web' }] }).resources.get(
    'Documents',
  );
  assert.equal(resource?.Type, 'Custom::LandfallDocuments');
  const waitsFor = (name: string): boolean => resource?.DependsOn?.some((id) => id.includes(name)) ?? false;
  for (const name of [
    'RulesDocuments',
    'FunctionsReconcileFunction',
    'FunctionsReconcileRoleDefaultPolicy',
  ]) {
    assert.ok(waitsFor(name), name);
  }
});

test('without documents there is nothing to put them', () => {
  assert.equal(synthesize().resources.get('Documents'), undefined);
});

test('Flux documents are taken as they are', () => {
  const folder = folderOf({
    'podinfo.yaml': [
      'apiVersion: source.toolkit.fluxcd.io/v1',
      'kind: OCIRepository',
      'metadata: { name: podinfo, namespace: web }',
      'spec: { interval: 5m, url: "oci://ghcr.io/stefanprodan/manifests/podinfo", ref: { tag: latest } }',
    ].join('\n'),
  });
  assert.deepEqual(synthesize({ documents: [folder] }).properties('Documents')['names'], ['podinfo.yaml']);
});

test('a deploy for one machine is told of, and is no error', () => {
  const folder = folderOf({
    'x.yaml': `${WEB}deploys:\n  - { name: here, kind: directory, source: web, target: /srv/web }\n`,
  });
  const app: App = testApp();
  const stack = new Stack(app, 'Test');
  new Landfall(stack, 'Landfall', { documents: [folder] });
  const [{ messages } = { messages: [] }] = synthOf(app).stacks;
  const told = messages.map(({ level, entry }) => `${level} ${String(entry.data)}`);
  const ofDeploys = told.filter((text) => text.includes('deploy'));
  assert.deepEqual(ofDeploys, ['info deploy here: kind directory is for one machine, and is left out here']);
});
