import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { openRegistry } from '../../embedded-registry/test-registry.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { folderFor, landfall, PROGRAM } from '../../support/cli.ts';
import { skipWithout } from '../../support/programs/tool.ts';

const CLEAR = '\u001b[2K';
const FILES = { 'app.yaml': 'a: 1\n'.repeat(1000) };

test('pull draws a bar on a terminal, and takes it away', async (t) => {
  const registry = await openRegistry(t);
  plantFiles(registry, 'v1', FILES);
  const argv = ['pull', `oci://${registry.host}/team/app:v1`, '--plain-http', '-o'];
  const folder = await folderFor(t);
  const shown = await landfall([...argv, join(folder, 'a')], { isTTY: true });
  assert.match(shown.stderr, /pull sha256:[0-9a-f]{12}… █{24} 100% of /);
  assert.ok(shown.stderr.endsWith(CLEAR), 'the line is clean again');
  assert.doesNotMatch(shown.stdout, /█/);
  const quiet = await landfall([...argv, join(folder, 'b')]);
  assert.equal(quiet.stderr, '');
});

test('pull under a real terminal shows the bar', {
  skip: skipWithout(['script'], 'the bar on a real terminal'),
}, async (t) => {
  const registry = await openRegistry(t);
  plantFiles(registry, 'v1', FILES);
  const out = join(await folderFor(t), 'out');
  const line = `'${PROGRAM}' pull oci://${registry.host}/team/app:v1 -o '${out}' --plain-http`;
  const { stdout } = await promisify(execFile)('script', ['-qec', line, '/dev/null']);
  assert.match(stdout, /100% of /);
  assert.match(stdout, /1 files, 4\.9 KiB in /);
});

test('nothing a registry says can move the cursor', async (t) => {
  const registry = await openRegistry(t);
  const body = JSON.stringify({ errors: [{ code: 'DENIED', message: '\u001b[2J\u202egone\r\nroot#' }] });
  registry.faults.add({ path: /./ }, { kind: 'status', status: 403, body });
  for (const more of [[], ['--json']]) {
    const ended = await landfall(['resolve', `oci://${registry.host}/team/app:v1`, '--plain-http', ...more], {
      isTTY: true,
    });
    assert.equal(ended.code, 1);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    assert.doesNotMatch(ended.stderr + ended.stdout, /[\u0000-\u0009\u000b-\u001f\u202e]/);
  }
});
