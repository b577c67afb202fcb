import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from './support/temporary-folder.ts';

const GUARD = new URL('support/must-end.ts', import.meta.url).href;

for (const [what, body, status, says] of [
  ['ends in time is left alone', 'setTimeout(() => undefined, 50)', 0, /^(?!.*does not end)/s],
  [
    'is kept open fails, and says by what',
    'setInterval(() => undefined, 60_000)',
    1,
    /does not end.*Timeout/,
  ],
] as const) {
  test(`a test file that ${what}`, async (t) => {
    const folder = await temporaryFolder();
    t.after(() => folder.remove());
    const file = join(folder.path, 'a.test.mjs');
    writeFileSync(file, `import { test } from 'node:test';\ntest('a', () => void ${body});\n`);
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const ran = spawnSync(process.execPath, ['--test', '--import', GUARD, file], {
      ...{ encoding: 'utf8', timeout: 20_000, env: { ...env, MUST_END_WITHIN_MS: '500' } },
    });
    assert.equal(ran.status, status, ran.stdout);
    assert.match(ran.stdout + ran.stderr, says);
  });
}
