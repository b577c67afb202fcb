import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { reportError } from '../../cli/terminal/report-error.ts';
import { createAccessResolver } from '../../shared/credentials/access-resolver.ts';
import { knownSecrets } from '../../shared/credentials/known-secrets.ts';
import { isLandfallError } from '../../shared/errors.ts';
import { base64, createHome, repositoryOf } from '../credentials/home.ts';
import { folderFor, Kept, landfall } from '../support/cli.ts';
import {
  assertDocument,
  assertOneLine,
  assertShown,
  poisoned,
  HOSTILE_TEXT as TEXT,
} from '../support/hostile-text.ts';

const CONFIG = {
  auths: { 'r.example': { auth: base64('a:b') }, 'r.example/org': { identitytoken: 'c' }, 'x.example': {} },
  credHelpers: { 'r.example/org/app': 'none' },
  credsStore: 'none',
};

/** What names a login, and why it is or is not taken. */
test('what is in a configuration of docker forges and hides nothing', async (t) => {
  const home = await createHome(t);
  const said = await home.write('said', TEXT);
  await home.program('says', `cat '${said}'; cat '${said}' >&2; exit 1`);
  for (const bad of [
    ...poisoned(CONFIG),
    { auths: { [`r.example/${TEXT}`]: CONFIG.auths['r.example'], 'r.example': CONFIG.auths['r.example'] } },
    { credHelpers: { [`r.example/org${TEXT}`]: 'none', 'r.example/org/app': TEXT } },
    { credsStore: 'says' },
    { credHelpers: { 'r.example': 'says' } },
    TEXT,
  ]) {
    await home.write('.docker/config.json', typeof bad === 'string' ? bad : JSON.stringify(bad));
    const notes: string[] = [];
    const resolver = createAccessResolver({
      env: home.env,
      flags: [],
      onPassedOver: (why) => void notes.push(why),
    });
    const repository = repositoryOf('r.example/org/app');
    for (const { origin, registry, repository: of, why } of await resolver.explain(repository))
      for (const text of [origin, registry, of ?? '', why]) assertOneLine(text, 'what is considered');
    await resolver.access(repository).catch((error: unknown) => {
      assert.ok(isLandfallError(error));
      for (const text of [error.message, error.hint ?? '']) assertOneLine(text, 'the error');
    });
    for (const note of notes) assertOneLine(note, 'a note');
  }
});

const CHART = {
  apiVersion: 'v2',
  name: 'tide',
  version: '1.2.3',
  appVersion: '1',
  description: 'd',
  sources: ['https://x'],
  maintainers: [{ name: 'n', email: 'e', url: 'u' }],
  annotations: { a: 'b' },
  dependencies: [{ name: 'a', version: '1', repository: 'r' }],
  type: 'application',
  kubeVersion: '>=1',
};

test('what is in a chart forges and hides nothing', async (t) => {
  const folder = await folderFor(t);
  const chart = join(folder, 'chart');
  await mkdir(chart);
  let refused = 0;
  for (const bad of [...poisoned(CHART), TEXT]) {
    await writeFile(join(chart, 'Chart.yaml'), typeof bad === 'string' ? bad : JSON.stringify(bad));
    const { code, stdout, stderr } = await landfall([
      'push',
      chart,
      '--helm',
      'oci://127.0.0.1:1/charts',
      '--plain-http',
      '--timeout',
      '1ms',
    ]);
    assertShown(stdout + stderr, JSON.stringify(bad));
    refused += code === 0 ? 0 : 1;
  }
  assert.ok(refused > 0);
});

test('names of files in a folder forge and hide nothing', async (t) => {
  const folder = await folderFor(t);
  const dir = join(folder, 'files');
  await mkdir(dir);
  await writeFile(join(dir, TEXT.replaceAll('\u0000', '').toWellFormed()), 'x');
  for (const argv of [
    ['push', dir, 'oci://127.0.0.1:1/team/app:1', '--plain-http', '--timeout', '1ms'],
    ['diff', dir, folder],
    ['diff', '-u', dir, folder],
    ['validate', dir],
    ['validate', join(dir, 'x\nFORGED')],
    ['validate', '-f', dir],
  ])
    for (const json of [[], ['--json']]) {
      const { stdout, stderr } = await landfall([...argv, ...json]);
      assertShown(stdout + stderr, argv.join(' '));
    }
});

test('a command line forges nothing in what is said of it', async () => {
  const text = TEXT.replaceAll('\u0000', '');
  for (const argv of [
    [text],
    ['get', text],
    ['status', `--${text}`],
    ['resolve', text],
    ['pull', 'oci://r.example/a', '-o', text, '--timeout', '1ms'],
    ['resolve', 'oci://r.example/a', '--timeout', text],
  ]) {
    const { stdout, stderr } = await landfall(argv);
    assertShown(stdout + stderr, JSON.stringify(argv));
  }
});

test('a failure that is none of ours forges and hides nothing, and says no secret', () => {
  const secret = 'canary-secret-of-a-registry';
  knownSecrets.note(secret);
  const [stdout, stderr] = [new Kept(), new Kept()];
  reportError(
    new TypeError(`${TEXT} ${secret}`),
    { stdout, stderr },
    { json: true, command: 'landfall get' },
  );
  for (const { text } of [stdout, stderr]) {
    assertShown(text, 'what is printed');
    assert.doesNotMatch(text, /canary/);
  }
  assertDocument(stdout.text, 'the document');
  assert.match(
    stderr.text,
    /^landfall: INTERNAL: TypeError: x\\u000aFORGED y.*\n {4}at /,
    'with where it was',
  );
});
