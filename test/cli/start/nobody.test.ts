import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openRegistry } from '../../embedded-registry/test-registry.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const execute = promisify(execFile);
const NOBODY = 65_531;
const RUN = fileURLToPath(new URL('../../../cli/run.ts', import.meta.url));

/** As systemd's DynamicUser may be, and any user of OpenShift is: a number, without a name or a HOME. */
const asNobody = (args: readonly string[], cwd: string) =>
  execute(process.execPath, args, { uid: NOBODY, gid: NOBODY, cwd, env: {} });

const load = `const { run } = await import(${JSON.stringify(RUN)})`;

async function whySkipped(): Promise<string | false> {
  if (process.getuid?.() !== 0) return 'not root: skipped a user without a name and without a home';
  try {
    await asNobody(['--input-type=module', '-e', load], '/');
    return false;
  } catch {
    return 'another user cannot read this checkout: skipped a user without a name and without a home';
  }
}

test('a user without a name and without a home is served like any other', {
  skip: await whySkipped(),
}, async (t) => {
  const registry = await openRegistry(t);
  plantFiles(registry, 'v1', { 'index.html': '1' });
  const temporary = await temporaryFolder();
  t.after(() => temporary.remove());
  const folder = temporary.path;
  const [store, documents] = [join(folder, 'store'), join(folder, 'sources.yaml')];
  await mkdir(store);
  await chown(store, NOBODY, NOBODY);
  await chmod(folder, 0o755);
  await writeFile(
    documents,
    `sources: [{ name: app, namespace: web, url: "oci://${registry.host}/team/app", ref: { tag: v1 } }]\n` +
      `credentials: [{ registry: "${registry.host}", plainHttp: true }]\n` +
      `deploys: [{ name: home, source: web/app, kind: command, command: [/bin/sh, -c, 'test "$HOME" = /'] }]\n`,
  );
  const script = `${load}; process.exitCode = await run(['serve', '--once', '-f', ${JSON.stringify(documents)}, '--store', ${JSON.stringify(store)}], process)`;
  const { stdout } = await asNobody(['--input-type=module', '-e', script], folder);
  assert.match(stdout, /1 ready/);
});
