import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Status } from '../../../shared/model/status.ts';
import { artifactPrefix, recordKey, statusKey } from '../../../shared/store/layout.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { PROGRAM } from '../../support/cli.ts';
import { openServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';
import { until } from '../../support/until.ts';

/** Each a push beside a collect without a grace, half of them with serve stopped in the middle. */
const ROUNDS = Number(process.env['LANDFALL_TEST_COLLECTS'] ?? 8);
/** The same few again and again: a run finds one that nothing names any more, and names it. */
const CONTENTS = 3;
const LONGEST_STOP_MS = 400;

// 2,256 of 13,864 reads saw a current revision without its artifact, and it stayed so.
test('collect without a grace beside pushes and a serve that is stopped now and then: what is current is there, or is landed again', async (t) => {
  const machine = await openServeMachine(t);
  const { registry, store, live } = machine;
  await machine.write({
    sources: [sourceLine(registry, 'name: app, ref: { tag: stable }, retain: { revisions: 1 }')],
    deploys: [`{ name: site, kind: directory, source: web/app, target: ${live} }`],
  });
  const push = (at: number): string =>
    plantFiles(registry, 'stable', { 'app.yaml': `content: ${at}\n` }).digest;
  let wanted = push(0);
  const serve = await machine.serve();
  const current = async (): Promise<Status['current']> => {
    const text = await readFile(join(store, statusKey({ namespace: 'web', name: 'app' })), 'utf8').catch(
      () => 'null',
    );
    return (JSON.parse(text) as Status | null)?.current ?? null;
  };
  const settled = (): Promise<true> =>
    until(`${wanted} to be current, there, and linked`, async () => {
      const now = await current();
      if (now?.digest !== wanted || !existsSync(join(store, recordKey(now)))) return undefined;
      const link = await readlink(live).catch(() => '');
      return (link.includes(artifactPrefix(now)) && existsSync(live)) || undefined;
    });
  await settled();
  let [reads, missing, isOver] = [0, 0, false];
  const reading = (async () => {
    for (; !isOver; await sleep(5)) {
      const before = await current();
      if (before === null) continue;
      reads += 1;
      const isThere = existsSync(join(store, recordKey(before)));
      if (!isThere && (await current())?.digest === before.digest) missing += 1;
    }
  })();
  let removed = 0;
  const collect = async (): Promise<void> => {
    const argv = ['collect', '--store', store, '--grace', '0s', '--force', '--json'];
    const { stdout } = await promisify(execFile)(PROGRAM, argv);
    removed += (JSON.parse(stdout) as { removed: unknown[] }).removed.length;
  };
  for (let round = 1; round <= ROUNDS; round += 1) {
    const collecting = collect();
    await sleep((round * 37) % 200);
    wanted = push(round % CONTENTS);
    await machine.on('reconcile', 'web/app');
    if (round % 2 === 0) {
      await sleep((round * 7) % 60);
      process.kill(serve.pid, 'SIGSTOP');
      await sleep((round * 53) % LONGEST_STOP_MS);
      await collecting;
      await collect();
      process.kill(serve.pid, 'SIGCONT');
    }
    await collecting;
    await settled();
  }
  isOver = true;
  await reading;
  assert.equal((await machine.on('fsck')).code, 0);
  assert.ok(removed > 0, 'collect had something to take');
  t.diagnostic(
    `seen: ${ROUNDS} rounds, ${removed} artifacts collected, ${missing} of ${reads} reads before what was collected had been landed again, fsck 0 problems`,
  );
});
