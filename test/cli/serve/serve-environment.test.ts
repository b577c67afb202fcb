import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { env } from 'node:process';
import { test } from 'node:test';
import { THREADS } from '../../../shared/limits.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { openServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';
import { until } from '../../support/until.ts';

const given = env['UV_THREADPOOL_SIZE'];

// serve set how many threads it has for itself, and every command that it ran had as many.
for (const [what, own] of [
  ['no number of threads', given === undefined ? {} : { UV_THREADPOOL_SIZE: given }],
  ['a number of threads', { UV_THREADPOOL_SIZE: '7' }],
] as const)
  test(`a command has the environment that serve was given: ${what}`, async (t) => {
    const machine = await openServeMachine(t);
    const out = join(machine.folder, 'environment');
    await machine.write({
      sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')],
      deploys: [
        `{ name: tell, kind: command, source: web/app, command: [sh, -c, "env > ${out}.part; mv ${out}.part ${out}"] }`,
      ],
    });
    plantFiles(machine.registry, 'stable', { 'a.txt': '1' });
    const { pid } = await machine.serve({ env: own });
    const told = await until('the command to run', () => readFile(out, 'utf8').catch(() => undefined));
    const [, size] = /^UV_THREADPOOL_SIZE=(.*)$/m.exec(told) ?? [];
    assert.equal(size, (own as Record<string, string>)['UV_THREADPOOL_SIZE']);
    assert.match(told, /^LANDFALL_RUN=/m);
    if (process.platform === 'linux' && size === undefined)
      assert.ok(readdirSync(`/proc/${pid}/task`).length > THREADS, 'serve has them all the same');
  });
