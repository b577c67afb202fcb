import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plantFiles } from '../support/sample-artifacts.ts';
import { openServeMachine, sourceLine } from '../support/serve-machine.ts';

test('get deploys says of what generation a row tells, why it fails in full, and what to do next', async (t) => {
  const machine = await openServeMachine(t);
  const { registry } = machine;
  await machine.write({
    sources: [sourceLine(registry, 'name: app, ref: { tag: stable }')],
    deploys: [
      '{ name: live, kind: command, source: web/app, command: [sh, -c, "test -f good || { echo no such table: a story that is far too long for a column of a table >&2; exit 2; }"] }',
    ],
  });
  const once = () => machine.on('serve', '-f', machine.sources, '--once');
  plantFiles(registry, 'stable', { good: '' });
  await once();
  plantFiles(registry, 'stable', { bad: '' });
  assert.equal((await once()).code, 1);
  const { stdout, stderr } = await machine.on('get', 'deploys');
  assert.match(
    stdout,
    /^live +web\/app +1 +stable@sha256:[0-9a-f]{12}… +Failed +\S+ +generation 2; DEPLOY_FAILED: /m,
  );
  assert.match(
    stderr,
    /^note: DEPLOY_FAILED: live of web\/app, 1 try: .*far too long for a column of a table$/m,
  );
  assert.match(stderr, /^ {2}next: .*landfall replay/m);
});
