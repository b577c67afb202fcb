import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openRegistry } from '../../embedded-registry/test-registry.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { folderFor, landfall, PROGRAM } from '../../support/cli.ts';

interface Written {
  readonly code: number | null;
  readonly stderr: string;
}

/** Runs `bin/landfall` with its stdout closed by whoever reads it, as `| true` does, or into a file. */
async function landfallInto(
  argv: readonly string[],
  { stdout = 'pipe' }: { readonly stdout?: number | 'pipe' } = {},
): Promise<Written> {
  const child = spawn(PROGRAM, argv, { stdio: ['ignore', stdout, 'pipe'] });
  child.stdout?.destroy();
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stderr };
}

/** A store with one event, and the artifact's URL. */
async function oneEvent(t: TestContext): Promise<{ readonly store: string; readonly url: string }> {
  const registry = await openRegistry(t);
  plantFiles(registry, '1.0.0', { 'app.yaml': 'version: 1\n' });
  const url = `oci://${registry.host}/team/app`;
  const folder = await folderFor(t);
  const [sources, store] = [join(folder, 'sources.yaml'), join(folder, 'store')];
  await writeFile(sources, `sources:\n  - { name: app, url: "${url}", ref: { tag: 1.0.0 } }\n`);
  const look = await landfall(['serve', '-f', sources, '--store', store, '--once', '--plain-http']);
  assert.equal(look.code, 0, look.stderr);
  return { store, url };
}

test('a command whose output nobody reads on ends quietly, with its own exit code', async (t) => {
  const { store, url } = await oneEvent(t);
  for (const argv of [
    ['--help'],
    ['get', 'events', '--store', store],
    ['get', 'events', '--store', store, '--json'],
    ['get', 'events', '--store', store, '--follow'],
    ['tags', url, '--plain-http'],
  ])
    assert.deepEqual(await landfallInto(argv), { code: 0, stderr: '' }, argv.join(' '));
  const failed = await landfallInto(['resolve', `${url}:2.0.0`, '--plain-http', '--json']);
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /^landfall: TAG_NOT_FOUND: /);
});

test('pull into a pipe that is closed pulls all the same', async (t) => {
  const { url } = await oneEvent(t);
  const out = join(await folderFor(t), 'out');
  assert.equal((await landfallInto(['pull', `${url}:1.0.0`, '-o', out, '--plain-http'])).code, 0);
  assert.deepEqual(await readdir(out), ['app.yaml']);
});

test('an answer that its disk has no room for is an error', {
  skip: !existsSync('/dev/full') && 'no /dev/full here',
}, async (t) => {
  const { url } = await oneEvent(t);
  await using full = await open('/dev/full', 'w');
  const { code, stderr } = await landfallInto(['tags', url, '--plain-http'], { stdout: full.fd });
  assert.equal(code, 1);
  assert.match(stderr, /^landfall: OUTPUT_UNWRITABLE: stdout cannot be written: ENOSPC\n {2}next: /);
  assert.doesNotMatch(stderr, /^\s+at /m);
});

test('a name that a terminal would act on is shown escaped, and is whole in the JSON', async (t) => {
  const folder = await folderFor(t);
  const [before, after] = [join(folder, 'before'), join(folder, 'after')];
  const name = 'a\u202etxt\u200b.\u009b2J';
  for (const side of [before, after]) await mkdir(side);
  await writeFile(join(after, name), '');
  for (const json of [[], ['--json']]) {
    const { stdout } = await landfall(['diff', before, after, ...json]);
    assert.doesNotMatch(stdout, /[^\P{C}\n]/u, stdout);
    if (json.length > 0) assert.deepEqual((JSON.parse(stdout) as { added: unknown }).added, [name]);
  }
});
