import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { openRegistry } from '../embedded-registry/test-registry.ts';
import { landfall } from '../support/cli.ts';
import { plantFiles, REPOSITORY } from '../support/sample-artifacts.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { skipWithout } from '../support/tool.ts';

const skip = skipWithout(['cosign'], 'what cosign signs, and that it decides on signatures as Landfall does');
const run = promisify(execFile);

/** Nothing of it leaves this machine: no log, no TUF. */
async function openScene(t: TestContext) {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  const registry = await openRegistry(t);
  const { digest } = plantFiles(registry, '1.0.0', { 'a.txt': 'one' });
  const env = { ...process.env, HOME: folder.path, COSIGN_PASSWORD: '' };
  const cosign = (...argv: readonly string[]) => run('cosign', argv, { cwd: folder.path, env });
  const named = `${registry.host}/${REPOSITORY}@${digest}`;
  const key = async (name: string) => {
    await cosign('generate-key-pair', '--output-key-prefix', name);
    return { secret: join(folder.path, `${name}.key`), pub: join(folder.path, `${name}.pub`) };
  };
  const verify = async (pub: string): Promise<readonly [ours: boolean, theirs: boolean]> => {
    const url = `oci://${registry.host}/${REPOSITORY}:1.0.0`;
    const ours = await landfall(['verify', url, '--plain-http', '--key', pub, '--no-transparency-log']);
    const theirs = await cosign(
      ...['verify', '--key', pub, '--insecure-ignore-tlog=true', '--allow-http-registry', named],
    ).then(
      () => true,
      () => false,
    );
    return [ours.code === 0, theirs];
  };
  return { registry, digest, named, cosign, key, verify };
}

const SIGN = ['sign', '--yes', '--tlog-upload=false', '--allow-http-registry'];
for (const [form, more] of [
  ['a bundle', ['--new-bundle-format=true', '--use-signing-config=false']],
  ['a layer', ['--new-bundle-format=false', '--use-signing-config=false']],
] as const) {
  test(`what cosign signs with a key as ${form} is verified, by cosign as by Landfall`, {
    skip,
  }, async (t) => {
    const { cosign, key, named, verify } = await openScene(t);
    const [ours, theirs] = [await key('ours'), await key('theirs')];
    assert.deepEqual(await verify(ours.pub), [false, false], 'before it is signed');
    await cosign(...SIGN, ...more, '--key', ours.secret, named);
    assert.deepEqual(await verify(ours.pub), [true, true]);
    assert.deepEqual(await verify(theirs.pub), [false, false], 'by another key');
  });
}
