import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isGroupAlive } from '../../../shared/deploy/command/process-group.ts';
import { type Command, runCommand } from '../../../shared/deploy/command/run-command.ts';
import { atEnd } from '../../support/at-end.ts';
import { folderFor } from '../../support/cli.ts';
import { until } from '../../support/until.ts';

const isLinux = process.platform === 'linux';

/** Runs a shell script in a folder; the group is gone when the test is. */
async function running(t: TestContext, script: string, changes: Partial<Command> = {}) {
  const directory = changes.directory ?? (await folderFor(t));
  const group: { pid: number; said: string } = { pid: 0, said: '' };
  const ended = runCommand({
    argv: ['sh', '-c', script],
    directory,
    env: process.env,
    input: '{}',
    onOutput: (stream, text) => {
      if (stream === 'stderr') group.said += text;
    },
    begin: async (pid) => {
      group.pid = pid;
      atEnd(t, () => endForGood(pid));
    },
    graceMs: 500,
    signal: new AbortController().signal,
    ...changes,
  });
  return { directory, group, ended };
}

function endForGood(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

const gone = (pid: number): Promise<true> =>
  until(`group ${pid} to be gone`, () => (isGroupAlive(pid) ? undefined : true), 10_000);

describe('a command', { timeout: 60_000 }, () => {
  test('that cannot be run is not begun', async (t) => {
    const directory = join(await folderFor(t), 'none');
    const begun: unknown[] = [];
    const { ended } = await running(t, 'exit 0', { directory, begin: async (pid) => void begun.push(pid) });
    await assert.rejects(ended, { code: 'ENOENT' });
    assert.deepEqual(begun, []);
  });

  test('that leaves a child behind has ended when it has, though the child holds its pipes', async (t) => {
    const { ended, group, directory } = await running(
      t,
      'echo up >&2; (sleep 1; echo on >&2; echo > on; sleep 60) &',
    );
    assert.deepEqual(await ended, { code: 0, signal: null, isStopped: false });
    assert.equal(group.said, 'up\n');
    assert.ok(isGroupAlive(group.pid), 'what it started stays');
    await until('it to have lived through a write', () => read(join(directory, 'on')));
  });

  test('that fails leaves nothing behind: it would go on beside the next try', async (t) => {
    const { ended, group } = await running(t, 'sleep 60 & exit 75');
    assert.equal((await ended).code, 75);
    await gone(group.pid);
  });

  for (const [what, script] of [
    ['in a session of its own', 'setsid --wait sh -c ": > up; sleep 2; : > late"'],
    [
      'in a session of its own, by a parent that has gone',
      '(setsid sh -c ": > up; sleep 2; : > late" &); sleep 60',
    ],
    [
      'in a session of its own, and ignores SIGTERM',
      `setsid --wait sh -c 'trap "" TERM; : > up; sleep 2; : > late'`,
    ],
  ] as const)
    test(`that is stopped leaves nothing behind that runs ${what}`, { skip: !isLinux }, async (t) => {
      const stop = new AbortController();
      const { ended, directory } = await running(t, script, { signal: stop.signal });
      await until('it to be up', () => read(join(directory, 'up')));
      stop.abort();
      assert.equal((await ended).isStopped, true);
      await sleep(2_500);
      assert.equal(read(join(directory, 'late')), undefined);
    });

  test('that fails has not ended before what it left has cleared up', async (t) => {
    const left = '(trap "sleep 0.3; : > cleared; exit" TERM; : > up; while :; do sleep 0.05; done)';
    const script = `${left} & while [ ! -e up ]; do sleep 0.05; done; exit 75`;
    const { ended, directory } = await running(t, script, { graceMs: 30_000 });
    assert.equal((await ended).code, 75);
    assert.equal(read(join(directory, 'cleared')), '');
  });

  test('that takes SIGTERM is given its time, and exiting with 0 then is no success', async (t) => {
    const stop = new AbortController();
    const script = 'trap "echo cleared > cleared; exit 0" TERM; : > up; while :; do sleep 0.05; done';
    const { ended, directory } = await running(t, script, { signal: stop.signal });
    await until('it to be up', () => read(join(directory, 'up')));
    stop.abort();
    assert.deepEqual(await ended, { code: 0, signal: null, isStopped: true });
    assert.equal(read(join(directory, 'cleared')), 'cleared\n');
  });

  test('that ignores SIGTERM is killed after the grace, with all that it started', async (t) => {
    const stop = new AbortController();
    const script = 'trap "" TERM; sh -c "sleep 2; : > late" & : > up; while :; do sleep 0.05; done';
    const { ended, group, directory } = await running(t, script, { signal: stop.signal });
    await until('it to be up', () => read(join(directory, 'up')));
    stop.abort();
    assert.deepEqual(await ended, { code: null, signal: 'SIGKILL', isStopped: true });
    await gone(group.pid);
    await sleep(2_000);
    assert.equal(read(join(directory, 'late')), undefined);
  });

  test('does nothing before it is written down who runs, and nothing at all where that fails', async (t) => {
    const refused = new Error('another worker has it');
    const folder = await folderFor(t);
    let pid = 0;
    const { ended } = await running(t, ': > ran', {
      directory: folder,
      begin: async (leader) => {
        pid = leader;
        await sleep(300);
        assert.equal(read(join(folder, 'ran')), undefined);
        throw refused;
      },
    });
    await assert.rejects(ended, refused);
    await gone(pid);
    assert.equal(read(join(folder, 'ran')), undefined);
  });

  test('gets its input whole, though it is told to begin on the same pipe', async (t) => {
    const input = JSON.stringify({ a: 'x'.repeat(300_000) });
    const { ended, directory } = await running(t, 'cat > got', { input });
    assert.equal((await ended).code, 0);
    assert.equal(read(join(directory, 'got')), input);
  });

  for (const graceful of [true, false]) {
    test(`ends with the process that ran it, also by kill -9, ${graceful ? 'by SIGTERM' : 'and where it ignores SIGTERM'}`, async (t) => {
      const folder = await folderFor(t);
      const script = `${graceful ? '' : 'trap "" TERM;'} echo $$ > pid; while :; do sleep 0.05; done`;
      const program = join(folder, 'runner.ts');
      const module = new URL('../../../shared/deploy/command/run-command.ts', import.meta.url).href;
      await writeFile(
        program,
        `import { runCommand } from ${JSON.stringify(module)};
await runCommand({ argv: ['sh', '-c', ${JSON.stringify(script)}], directory: ${JSON.stringify(folder)},
  env: process.env, input: '{}', onOutput() {}, async begin() {}, graceMs: 1000, signal: new AbortController().signal });`,
      );
      const runner = spawn(process.execPath, [program], { stdio: 'ignore' });
      const closed = once(runner, 'close');
      const pid = Number(await until('it to run', () => read(join(folder, 'pid'))?.trim() || undefined));
      atEnd(t, () => endForGood(pid));
      assert.ok(isGroupAlive(pid));
      runner.kill('SIGKILL');
      await closed;
      await gone(pid);
      await rm(program);
    });
  }
});
