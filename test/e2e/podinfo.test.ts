import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { atEnd } from '../support/at-end.ts';
import { documentOf, folderFor, landfallProcess } from '../support/cli.ts';
import { skopeoCopy } from '../support/programs/oci-tools.ts';
import { skipWithout } from '../support/programs/tool.ts';
import { skipWithoutDockerRegistry, startDockerRegistry } from '../support/servers/docker-registry.ts';

const PODINFO = fileURLToPath(new URL('../../../shared/data/podinfo', import.meta.url));
const WHAT = 'a real project, pushed and landed';
const skip =
  (existsSync(PODINFO) ? false : `${relative('.', PODINFO)} is not there: skipped ${WHAT}`) ||
  skipWithoutDockerRegistry(WHAT) ||
  skipWithout(['skopeo'], WHAT);

/** Every file under a folder, byte for byte. */
async function contentOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
  const pairs = files.map(
    async (path) => [relative(folder, path), (await readFile(path)).toString('base64')] as const,
  );
  return new Map((await Promise.all(pairs)).sort(([a], [b]) => (a < b ? -1 : 1)));
}

test('podinfo comes back byte for byte, through a registry and through skopeo', { skip }, async (t) => {
  const registry = await startDockerRegistry();
  atEnd(t, () => registry.close());
  const folder = await folderFor(t);
  const url = `oci://${registry.host}/podinfo`;
  const pushed = documentOf(
    await landfallProcess(['push', PODINFO, `${url}:6.9.0`, '--plain-http', '--json']),
  );
  await skopeoCopy(`docker://${registry.host}/podinfo:6.9.0`, `oci:${join(folder, 'layout')}:x`);
  await skopeoCopy(`oci:${join(folder, 'layout')}:x`, `docker://${registry.host}/copied:6.9.0`);
  const wanted = await contentOf(PODINFO);
  assert.ok(wanted.size > 30);
  for (const name of ['podinfo', 'copied']) {
    const out = join(folder, name);
    const argv = ['pull', `oci://${registry.host}/${name}`, '--semver', '>=6.0.0', '-o', out, '--plain-http'];
    const pulled = documentOf(await landfallProcess([...argv, '--json']));
    assert.equal(pulled['digest'], pushed['digest']);
    assert.equal(pulled['contentDigest'], pushed['contentDigest']);
    assert.deepEqual(await contentOf(out), wanted);
  }
});
