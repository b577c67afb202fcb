import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const program = fileURLToPath(new URL('./run.ts', import.meta.url));

test('a campaign is guided by the blocks of a parser that its target runs as it loads, too', async () => {
  const run = [program, 'cose-envelope', '--cases', '64'];
  const { stdout } = await promisify(execFile)(process.execPath, run);
  const [, blocks] = /; (\d+) blocks, /.exec(stdout) ?? [];
  // Without blocks there is one of each function that ran: a hundred.
  assert.ok(Number(blocks) > 200, stdout);
});
