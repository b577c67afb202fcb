import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { atEnd } from '../../support/at-end.ts';
import { folderFor, PROGRAM } from '../../support/cli.ts';
import { openServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';
import { until } from '../../support/until.ts';

/** A command in a process of its own, which can be sent signals. */
function start(t: TestContext, argv: readonly string[]) {
  const child = spawn(PROGRAM, argv, { stdio: ['ignore', 'ignore', 'pipe'] });
  const closed = once(child, 'close');
  atEnd(t, async () => {
    child.kill('SIGKILL');
    await closed;
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return { child, said: () => stderr, isOver: () => child.exitCode ?? child.signalCode ?? undefined };
}

const COMMANDS = { 'serve --once': ['serve', '--once'], reconcile: ['reconcile', 'web/app'] } as const;
for (const [signal, command] of [
  ['SIGINT', 'serve --once'],
  ['SIGTERM', 'serve --once'],
  ['SIGINT', 'reconcile'],
] as const) {
  test(`${signal} ends ${command} in the middle of a pull: exit code 1, CANCELLED, and nothing landed`, async (t) => {
    const { registry, store, sources, write } = await openServeMachine(t);
    await write({ sources: [sourceLine(registry, 'name: app, ref: { tag: stable }, timeout: 10m')] });
    const path = new RegExp(plantFiles(registry, 'stable', { 'app.yaml': 'version: 1\n' }).layer.digest);
    registry.faults.add({ path }, { kind: 'stall', at: 'half' });
    const { child, said, isOver } = start(t, [...COMMANDS[command], '-f', sources, '--store', store]);
    await until('the layer to be asked for', () => registry.requests.count('GET', path) || undefined);
    child.kill(signal);
    assert.equal(await until('it to end', isOver), 1);
    assert.match(said(), new RegExp(`^landfall: CANCELLED: interrupted by ${signal}$`, 'm'));
    assert.doesNotMatch(said(), /^ +at /m, 'no stack of a crash');
    assert.deepEqual(await readdir(join(store, 'artifacts')).catch(() => []), []);
    assert.deepEqual(await readdir(join(store, 'staging')), []);
  });
}

test('a second signal ends a command also while a read of its never ends', async (t) => {
  const pipe = join(await folderFor(t), 'nobody-writes.yaml');
  execFileSync('mkfifo', [pipe]);
  const { child, isOver } = start(t, ['validate', pipe]);
  // Opens only once somebody reads.
  const writer = await until('the pipe to be read', () =>
    open(pipe, constants.O_WRONLY | constants.O_NONBLOCK).catch(() => undefined),
  );
  atEnd(t, () => writer.close());
  const ended = await until('validate to end', () => {
    child.kill('SIGINT');
    return isOver();
  });
  assert.equal(ended, 'SIGINT');
});
