import assert from 'node:assert/strict';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { requireStore } from '../../local/store/store-folder.ts';
import { asAnother } from '../support/programs/as-another.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// A person who looked at night as themselves was told that the store of the service was none.
test('a store that this user may not look into is told as that, and not as no store', async (t) => {
  const temporary = await temporaryFolder();
  await writeFile(join(temporary.path, 'landfall.json'), '{"formatVersion":1}\n');
  await chmod(temporary.path, 0o600);
  t.after(async () => {
    await chmod(temporary.path, 0o700);
    await temporary.remove();
  });
  await assert.rejects(
    asAnother(() => requireStore(temporary.path)),
    {
      code: 'STORE_DENIED',
      message: /landfall\.json: EACCES$|: EACCES$/,
      hint: /as the user that serve runs as/,
    },
  );
});
