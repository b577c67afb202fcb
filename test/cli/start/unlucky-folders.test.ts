import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { folderFor, PROGRAM } from '../../support/cli.ts';

test('a command in a folder that is gone says so, and what works without one does', async (t) => {
  const gone = join(await folderFor(t), 'gone');
  const inGone = (line: string) =>
    spawnSync(
      'sh',
      ['-c', `mkdir '${gone}' && cd '${gone}' && rmdir '${gone}' && exec '${PROGRAM}' ${line}`],
      {
        encoding: 'utf8',
      },
    );
  for (const line of ['get sources --store store', 'fsck --store store']) {
    const { status, stderr } = inGone(line);
    assert.equal(status, 2, stderr);
    assert.match(
      stderr,
      /^landfall: USAGE: the folder that this runs in is gone\n {2}next: Change to one that is there/m,
    );
  }
  assert.equal(inGone('--version').status, 0);
});

test('a name that is no UTF-8 is refused, as it would name another file', async (t) => {
  const folder = await folderFor(t);
  const line = `exec '${PROGRAM}' pull oci://127.0.0.1:1/team/app --plain-http -o "$(printf 'out\\377')"`;
  const { status, stderr } = spawnSync('sh', ['-c', line], { encoding: 'utf8', cwd: folder });
  assert.equal(status, 2, stderr);
  assert.match(stderr, /^landfall: USAGE: "out\ufffd" is no UTF-8.*\n {2}next: /);
});
