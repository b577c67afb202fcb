import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { findKubectl } from '../../../../shared/deploy/kubernetes/build/kubectl.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const { signal } = new AbortController();

/** A program that says it is that version of kubectl, and writes down each time it is asked. */
async function openKubectl(version: string) {
  const folder = await temporaryFolder();
  const [program, asked] = [join(folder.path, 'kubectl'), join(folder.path, 'asked')];
  const said = JSON.stringify({ clientVersion: { gitVersion: version }, kustomizeVersion: 'v5.8.0' });
  await writeFile(program, `#!/bin/sh\necho asked >>'${asked}'\necho '${said}'\n`);
  await chmod(program, 0o755);
  return {
    folder,
    find: () => findKubectl(signal, { LANDFALL_KUBECTL: program }),
    times: async () => (await readFile(asked, 'utf8')).split('\n').length - 1,
  };
}

test('kubectl is asked for its version once a process', async (t) => {
  const { folder, find, times } = await openKubectl('v1.36.0');
  t.after(folder.remove);
  for (let again = 0; again < 3; again += 1)
    assert.partialDeepStrictEqual(await find(), { version: 'v1.36.0', kustomize: 'v5.8.0' });
  assert.equal(await times(), 1);
});

for (const version of ['v1.10.0', 'v2.0.0', 'none'])
  test(`a kubectl of ${version} is refused each time: another may be put in its place`, async (t) => {
    const { folder, find, times } = await openKubectl(version);
    t.after(folder.remove);
    for (let again = 0; again < 2; again += 1) await assert.rejects(find(), { code: 'DEPLOY_FAILED' });
    assert.equal(await times(), 2);
  });
