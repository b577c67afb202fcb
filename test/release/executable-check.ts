import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { plantTiny } from '../../bench/support/artifacts/tiny-artifact.ts';
import { startEmbeddedRegistry } from '../../embedded-registry/embedded-registry.ts';
import { buildExecutable } from '../../release/executable/build-executable.ts';
import { VERSION } from '../../shared/version.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);
const folder = await temporaryFolder();
const program = join(folder.path, 'landfall');
const registry = await startEmbeddedRegistry();

before(() => buildExecutable(ROOT, program));
after(async () => {
  await registry.close();
  await folder.remove();
});

/** With no Node on the PATH, and no home. */
const landfall = (...args: readonly string[]) => run(program, args, { cwd: folder.path, env: {} });

test('one file is all that it takes: it lands a push and deploys it', async () => {
  assert.deepEqual(await landfall('--version'), { stdout: `${VERSION}\n`, stderr: '' });
  await plantTiny(registry.content, { repository: 'team/app', tag: 'v1', text: 'one' });
  const url = `oci://${registry.host}/team/app`;
  const document = `sources: [{ name: app, url: '${url}', ref: { tag: v1 } }]
deploys: [{ name: live, kind: directory, source: default/app, target: ./live }]\n`;
  await writeFile(join(folder.path, 'sources.yaml'), document);
  await landfall('serve', '--once', '-f', 'sources.yaml', '--store', 'store', '--plain-http');
  assert.ok((await readdir(join(folder.path, 'live/deploy'))).includes('deployment.yaml'));
});

test('what it has to load of the SDK and of Sigstore is in it', async () => {
  for (const [args, code] of [
    [['get', 'sources', '--store', 's3://no-such-bucket'], /STORE_|CREDENTIALS|USAGE|CONFIG/],
    [['verify', `oci://${registry.host}/team/app:v1`, '--plain-http', '--json'], /"verified": ?null/],
  ] as const) {
    const { stdout = '', stderr = '' } = await landfall(...args).catch((error) => error);
    assert.match(stdout + stderr, code);
    assert.doesNotMatch(stderr, /Cannot find|ERR_|not a function/);
  }
});
