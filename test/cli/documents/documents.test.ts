import assert from 'node:assert/strict';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openRegistry } from '../../embedded-registry/test-registry.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import {
  assertRefused,
  documentOf,
  folderFor,
  landfall,
  landfallProcess,
  type Wanted,
} from '../../support/cli.ts';

const SECRET = 'canary-receiver-secret';

/** Writes `sources.yaml` and gives its path. */
async function documents(t: TestContext, text: string): Promise<string> {
  const path = join(await folderFor(t), 'sources.yaml');
  await writeFile(path, text);
  return path;
}

const sourceOf = (host: string, more = ''): string =>
  `sources:\n  - name: app\n    namespace: web\n    url: oci://${host}/team/app\n${more}`;

test('validate says what documents hold, and contacts nobody', async (t) => {
  const receivers = `receivers:\n  - { name: hub, type: generic, registry: 127.0.0.1:1, secret: { value: ${SECRET} } }\n`;
  const path = await documents(t, sourceOf('127.0.0.1:1') + receivers);
  const ended = await landfallProcess(['validate', path, '--json']);
  assert.deepEqual(documentOf(ended), {
    sources: ['web/app'],
    credentials: 0,
    receivers: ['hub'],
    deploys: [],
    notices: [],
  });
  assert.equal(
    (await landfall(['validate', path])).stdout.split('\n')[0]?.startsWith('valid: 1 sources'),
    true,
  );
});

test('validate counts those who are told, where there are any', async (t) => {
  const told = 'notify: [{ name: team, type: slack, url: { env: SLACK_URL } }]\n';
  const path = await documents(t, sourceOf('127.0.0.1:1') + told);
  assert.match((await landfall(['validate', path])).stdout, /, 0 deploys, 1 notify\n$/);
});

test('validate reads Flux documents beside ours, a folder at a time', async (t) => {
  const folder = await folderFor(t);
  await writeFile(join(folder, 'ours.yaml'), sourceOf('127.0.0.1:1'));
  await mkdir(join(folder, 'flux'));
  await writeFile(
    join(folder, 'flux', 'podinfo.yaml'),
    `apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: { name: podinfo, namespace: flux-system }
spec: { interval: 5m, url: "oci://ghcr.io/stefanprodan/manifests/podinfo", ref: { semver: ">=6.0.0" } }
`,
  );
  const document = documentOf(await landfall(['validate', folder, '--json']));
  assert.deepEqual(document['sources'], ['web/app', 'flux-system/podinfo']);
});

/** A document that is refused, and where the message must point. */
type Refused = Wanted & { readonly text: string };

const CASES: Readonly<Record<string, Refused>> = {
  'an unknown key, with its place and the nearest one': {
    text: sourceOf('ghcr.io', '    intervall: 5m\n'),
    code: 'CONFIG_INVALID',
    says: /sources\.yaml:5:5: .*intervall.*interval\b/s,
    next: /./,
  },
  'an unknown kind of document': {
    text: 'apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepositry\nmetadata: { name: a }\nspec: {}\n',
    code: 'CONFIG_INVALID',
    says: /sources\.yaml:2.*OCIRepositry.*OCIRepository/s,
    next: /./,
  },
  'an unknown kind of deploy': {
    text: `deploys:\n  - { name: d, kind: directroy, source: web/app, target: x }\n`,
    code: 'CONFIG_INVALID',
    says: /sources\.yaml:2:.*directroy|sources\.yaml:2:.*directory/s,
    next: /./,
  },
  'a bad reference': {
    text: sourceOf('ghcr.io/UPPER'),
    code: 'CONFIG_INVALID',
    says: /sources\.yaml:4:10: .*UPPER/s,
    next: /./,
  },
  'a bad range': {
    text: sourceOf('ghcr.io', '    ref: { semver: ">=six" }\n'),
    code: 'CONFIG_INVALID',
    says: /sources\.yaml:5:20: .*>=six/s,
    next: /./,
  },
  'a bad expression': {
    text: sourceOf('ghcr.io', '    ref: { filter: "(", order: semver }\n'),
    code: 'CONFIG_INVALID',
    says: /sources\.yaml:5:20: .*"\("/s,
    next: /./,
  },
  'a password in the URL, without repeating it': {
    text: sourceOf('user:canary-password@ghcr.io'),
    code: 'CONFIG_INVALID',
    says: /sources\.yaml:4:10: .*user or password.*credentials/s,
    next: /./,
  },
  'a password with a slash in the URL, without repeating it': {
    text: sourceOf('user:can/canary-password@ghcr.io'),
    code: 'CONFIG_INVALID',
    says: /sources\.yaml:4:10: .*user or password.*credentials/s,
    next: /./,
  },
  'a verify policy of notation with what is cosign’s': {
    text: sourceOf('ghcr.io', '    verify: { provider: notation, keys: [{ file: a }] }\n'),
    code: 'CONFIG_INVALID',
    says: /sources\.yaml:5:\d+: .*keys belongs to provider cosign/s,
    next: /./,
  },
  'YAML that is none': {
    text: 'sources: [\n',
    code: 'CONFIG_INVALID',
    says: /sources\.yaml:\d+:\d+/,
    next: /./,
  },
};

for (const [name, { text, ...wanted }] of Object.entries(CASES)) {
  test(`refuses ${name}, in validate and in serve`, async (t) => {
    const path = await documents(t, text);
    const store = join(await folderFor(t), 'store');
    for (const argv of [
      ['validate', path],
      ['serve', '-f', path, '--store', store, '--once'],
    ]) {
      const ended = await landfall([...argv, '--json']);
      assertRefused(ended, { exit: 2, ...wanted });
      assert.doesNotMatch(ended.stdout + ended.stderr, /canary/);
    }
  });
}

test('every problem of a document is told at once', async (t) => {
  const path = await documents(t, sourceOf('ghcr.io', '    intervall: 5m\n    timeuot: 1s\n'));
  const { stderr } = await landfall(['validate', path]);
  assert.match(stderr, /:5:5: .*intervall/);
  assert.match(stderr, /:6:5: .*timeuot/);
});

test('a document that is not there is named', async (t) => {
  const missing = join(await folderFor(t), 'nowhere.yaml');
  for (const argv of [
    ['validate', missing],
    ['explain', 'app', '-f', missing],
    ['receivers', '-f', missing],
    ['serve', '-f', missing, '--once'],
  ]) {
    const wanted = { code: 'CONFIG_UNREADABLE', exit: 2, says: /nowhere\.yaml/, next: /./ } as const;
    assertRefused(await landfall([...argv, '--json']), wanted);
  }
});

test('explain says which credential and why, what the ref resolves to, and where it would land', async (t) => {
  const registry = await openRegistry(t, { auth: { kind: 'basic', users: { reader: 'canary-password' } } });
  const { digest } = plantFiles(registry, '1.2.0', { 'a.txt': 'a' });
  const credentials = `credentials:
  - { registry: "${registry.host}", plainHttp: true }
  - { registry: "${registry.host}", repository: team/*, username: reader, password: { value: canary-password } }
  - { registry: ghcr.io, username: other, password: { value: canary-other } }
`;
  const path = await documents(t, sourceOf(registry.host, '    ref: { semver: "1.x" }\n') + credentials);
  const store = await folderFor(t);
  const ended = await landfallProcess(['explain', 'web/app', '-f', path, '--json'], { cwd: store });
  const document = documentOf(ended);
  const artifact = document['artifact'] as Readonly<Record<string, unknown>>;
  assert.equal(artifact['revision'], `1.2.0@${digest}`);
  assert.equal(artifact['record'], `artifacts/sha256/${digest.slice(7)}/default/artifact.json`);
  const considered = document['credentials'] as readonly { readonly used: boolean; readonly why: string }[];
  assert.deepEqual(
    considered.map(({ used }) => used),
    [true, false, false],
  );
  const text = await landfall(['explain', 'web/app', '-f', path]);
  assert.match(text.stdout, /→ .*team\/\*/);
  assert.match(text.stdout, /ghcr\.io/);
  for (const { stdout, stderr } of [ended, text]) assert.doesNotMatch(stdout + stderr, /canary/);
  assert.deepEqual(await readdir(store), [], 'explain writes nothing');
});

// It was told as what lands, of a source that failed with LAYER_TOO_LARGE at each look.
test('explain says of a layer that is larger than the source allows that it does not land', async (t) => {
  const registry = await openRegistry(t);
  plantFiles(registry, 'v1', { 'app.yaml': 'a: 1\n' });
  const more = '    ref: { tag: v1 }\n    limits: { layerBytes: 10 }\n';
  const plain = `credentials: [{ registry: "${registry.host}", plainHttp: true }]\n`;
  const path = await documents(t, sourceOf(registry.host, more) + plain);
  const ended = await landfall(['explain', 'web/app', '-f', path]);
  assert.match(ended.stdout, /^resolves to v1@sha256:/m);
  assert.match(
    ended.stderr,
    /^landfall: LAYER_TOO_LARGE: .* more than layerBytes = 10\n {2}next: .*limit layerBytes/m,
  );
  assert.equal(ended.code, 1);
  const json = await landfall(['explain', 'web/app', '-f', path, '--json']);
  assert.equal(json.code, 1);
  assert.partialDeepStrictEqual(JSON.parse(json.stdout), {
    artifact: { mediaType: 'application/vnd.oci.image.manifest.v1+json' },
    error: { code: 'LAYER_TOO_LARGE' },
  });
});

test('explain names the sources there are', async (t) => {
  const path = await documents(t, sourceOf('127.0.0.1:1'));
  assertRefused(await landfall(['explain', 'web/apps', '-f', path, '--json']), {
    code: 'USAGE',
    exit: 2,
    says: /no source web\/apps in .*there are: web\/app/,
    next: /./,
  });
});

test('receivers prints the URL of each, and never a secret', async (t) => {
  const entries = ['distribution', 'generic'].map(
    (type) =>
      `  - { name: ${type}-hub, type: ${type}, registry: 127.0.0.1:1, secret: { value: ${SECRET} } }\n`,
  );
  const path = await documents(t, `receivers:\n${entries.join('')}`);
  const argv = ['receivers', '-f', path, '--url', 'https://landfall.example/'];
  const ended = await landfallProcess([...argv, '--json']);
  const printed = documentOf<readonly Readonly<Record<string, string>>[]>(ended);
  assert.deepEqual(
    printed.map(({ name, type }) => [name, type]),
    [
      ['distribution-hub', 'distribution'],
      ['generic-hub', 'generic'],
    ],
  );
  for (const { url } of printed)
    assert.match(url ?? '', /^https:\/\/landfall\.example\/receivers\/[0-9a-f]{64}$/);
  const text = await landfall(argv);
  assert.match(text.stdout, /Authorization: \[Bearer <the secret>\]/);
  assert.doesNotMatch(ended.stdout + text.stdout, /canary/);
});
