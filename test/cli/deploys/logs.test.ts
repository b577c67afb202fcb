import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { openServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';

const TOKEN = 'canary-token-of-the-environment';

// stdout of a command went nowhere, and stderr neither where it succeeded.
test('logs shows what a command said on both streams, also where it succeeded, and no secret of it', async (t) => {
  const machine = await openServeMachine(t);
  const program = join(machine.folder, 'deploy.sh');
  const script = [
    'echo "applied $LANDFALL_REVISION"',
    'echo "warned of $MY_TOKEN" >&2',
    'printf "not ended"',
  ];
  await writeFile(program, `${script.join('\n')}\n`);
  await machine.write({
    sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')],
    deploys: [
      `{ name: talks, kind: command, source: web/app, command: [sh, "${program}"] }`,
      '{ name: rings, kind: command, source: web/app, command: [sh, -c, "printf \'a\\\\033[31m\\\\007\' >&2; exit 3"] }',
    ],
  });
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'a: 1\n' });
  const serve = await machine.serve({ env: { MY_TOKEN: TOKEN } });
  await serve.logged('deploy applied', { deploy: 'talks' });
  await serve.logged('deploy failed', { deploy: 'rings' });
  const lines = (await machine.on('logs', 'talks')).stdout.trim().split('\n');
  assert.match(lines[0] ?? '', /^talks of web\/app, stable@sha256:\w+, generation 1, try 1: Succeeded, /);
  const said = lines.slice(1).map((line) => line.replace(/^\S+ {2}/, ''));
  for (const wanted of [/^applied stable@sha256:/, /^warned of \*\*\*$/, /^not ended$/])
    assert.ok(
      said.some((line) => wanted.test(line)),
      `${wanted} in ${said.join(' | ')}`,
    );
  assert.doesNotMatch(lines.join('\n'), new RegExp(TOKEN));
  const events = (await machine.on('events', '--type', 'deploy-*')).stdout;
  assert.match(events, /Deploy Succeeded {2}web\/app {2}stable@sha256:\w{8} {2}talks$/m, 'whose event it is');
  assert.match(events, /Deploy Failed {2}web\/app {2}stable@sha256:\w{8} {2}rings: DEPLOY_FAILED$/m);
  const [rings] = JSON.parse((await machine.on('get', 'deploys', '--json')).stdout);
  assert.match(
    rings.failure.message,
    /exited with 3; it said: a\\u001b\[31m\\u0007$/,
    'no raw escape in what is kept',
  );
});
