import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { sweepWorkFolders } from '../../../shared/deploy/kubernetes/work-folder.ts';
import { ownedName } from '../../../shared/store/directory/owner.ts';
import { folderFor } from '../../support/cli.ts';

const run = promisify(execFile);
const OWNER = join(import.meta.dirname, '..', '..', '..', 'shared', 'store', 'directory', 'owner.ts');

test('what a killed process left of a build is removed by the next, and nothing else', async (t) => {
  const folder = await folderFor(t);
  // A process that is gone by the time that its name is read.
  const { stdout: gone } = await run(process.execPath, [
    '--input-type=module',
    '--eval',
    `import { ownedName } from ${JSON.stringify(OWNER)}; process.stdout.write(ownedName());`,
  ]);
  const plant = async (name: string, owner?: string): Promise<void> => {
    await mkdir(join(folder, name, 'artifact'), { recursive: true });
    if (owner !== undefined) await writeFile(join(folder, name, 'owner'), owner);
  };
  await plant('landfall-build-dead', gone);
  await plant('landfall-k-dead', gone);
  await plant('landfall-helm-dead', gone);
  await plant('landfall-build-alive', ownedName());
  await plant('landfall-build-unknown');
  await plant('landfall-build-damaged', 'nobody');
  await plant('other-build-dead', gone);
  await sweepWorkFolders(folder);
  assert.deepEqual((await readdir(folder)).toSorted(), [
    'landfall-build-alive',
    'landfall-build-damaged',
    'landfall-build-unknown',
    'other-build-dead',
  ]);
  await sweepWorkFolders(join(folder, 'absent'));
});
