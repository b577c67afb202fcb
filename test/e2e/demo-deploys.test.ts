import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

test('the demo of deploys is as it says, from the push to the approval, the rollback and the rejection', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['examples/deploys/demo.ts'], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  for (const wanted of [
    /^ *web +web\/shop +- +- +Waiting .*for an approval: landfall approve web; plan: 1 to update$/m,
    /\$ landfall approve web --reason 'seen on staging'/,
    /^ *network +web\/shop +1 .* RolledBack .*generation 2; DEPLOY_FAILED/m,
    /^ *next: Mend what the message names/m,
    /^ *pages +web\/shop +3 .* Succeeded /m,
    /bucket shop-pages: index.html says Hello from 1\.2\.0/,
  ])
    assert.match(stdout, wanted);
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  assert.equal(scripts['demo:deploys'], 'bin/with-node examples/deploys/demo.ts');
});
