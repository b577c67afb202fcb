import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { PROGRAM } from '../../support/cli.ts';
import { openServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';

const SOURCES = 32;
const FILES = Object.fromEntries(
  Array.from({ length: 60 }, (_, at) => [`dir-${at % 7}/${at}.txt`, `${at}\n`]),
);

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs with no more than so many descriptors. */
const withDescriptors = (limit: number, argv: readonly string[]): Promise<Run> =>
  new Promise((resolve) => {
    const child = execFile(
      '/bin/sh',
      ['-c', `ulimit -n ${limit}; exec "$@"`, 'sh', PROGRAM, ...argv],
      { env: { ...process.env, NODE_OPTIONS: '--trace-warnings' }, maxBuffer: 16 * 1024 * 1024 },
      (_error, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
  });

// Of 30 sources 2 landed, with 500 failures, and a descriptor was left to the garbage collector.
test('serve with 64 descriptors is slow and not broken', {
  skip: process.platform === 'win32',
}, async (t) => {
  const machine = await openServeMachine(t);
  const { registry, store, sources } = machine;
  plantFiles(registry, 'stable', FILES);
  const lines = Array.from({ length: SOURCES }, (_, at) =>
    // Each its own variant, so that each is landed.
    sourceLine(registry, `name: app-${at}, ref: { tag: stable }, ignore: "none-${at}"`),
  );
  await machine.write({ sources: lines });
  const argv = ['serve', '-f', sources, '--store', store, '--once', '--concurrency', '32'];
  const { code, stdout, stderr } = await withDescriptors(64, argv);
  assert.equal(code, 0, `${stdout}\n${stderr.slice(0, 4000)}`);
  assert.match(stdout, /32 ready, 0 suspended, 0 not ready/);
  assert.doesNotMatch(stderr, /garbage collection|EMFILE|reconcile failed/);
  assert.match(stderr, /few files may be open/);
  const names = await readdir(join(store, 'artifacts'), { recursive: true });
  assert.equal(names.filter((name) => name.endsWith('artifact.json')).length, SOURCES);
  assert.deepEqual(await readdir(join(store, 'staging')), []);
});
