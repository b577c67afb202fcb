import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { THREADS } from '../../shared/limits.ts';
import type { Lookup } from '../../shared/registry/http/address-guard.ts';
import { NameLookups } from '../../shared/registry/names/name-lookups.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const ALL = { all: true } as const;
const answerOf = (hostname: string) => [{ address: hostname.replace(/^\D*/, '10.0.0.'), family: 4 }];

/** A system whose name servers answer when they are told to; `pass` is in milliseconds. */
function opened(threads: number) {
  let now = 0;
  const asked: { readonly hostname: string; readonly answer: (error?: Error) => void }[] = [];
  const system: Lookup = (hostname, _, callback) => {
    asked.push({ hostname, answer: (error) => callback(error ?? null, error ? [] : answerOf(hostname)) });
  };
  const { lookup } = new NameLookups({ lookup: system, threads: () => threads, now: () => now });
  const got: string[] = [];
  return {
    got,
    ask: (hostname: string): void =>
      lookup(hostname, ALL, (error, addresses) => got.push(error?.message ?? String(addresses[0]?.address))),
    /** Those that have a thread. */
    underWay: () => asked.map(({ hostname }) => hostname),
    pass: (milliseconds: number): void => {
      now += milliseconds;
    },
    answer: (hostname: string, error?: Error): void => {
      const at = asked.findIndex((each) => each.hostname === hostname);
      asked.splice(at, 1)[0]?.answer(error);
    },
  };
}

test('names that are not answered leave half of the threads to the others', () => {
  const { got, ask, underWay, answer, pass } = opened(4);
  for (const name of ['h1', 'h2', 'h3', 'h4', 'h5']) ask(name);
  assert.deepEqual(underWay(), ['h1', 'h2', 'h3', 'h4'], 'nobody knows better yet');
  pass(10_000);
  for (const name of ['h1', 'h2', 'h3', 'h4']) answer(name, new Error('nobody answers'));
  answer('h5');
  assert.deepEqual(got.at(-1), '10.0.0.5');

  for (const name of ['h1', 'h2', 'h3', 'h4', 'w6', 'w7', 'w8']) ask(name);
  assert.deepEqual(underWay(), ['h1', 'h2', 'w6', 'w7']);
  answer('w6');
  answer('w7');
  assert.deepEqual(underWay(), ['h1', 'h2', 'w8']);
  pass(10_000);
  answer('h1', new Error('nobody answers'));
  assert.deepEqual(underWay(), ['h2', 'w8', 'h3'], 'each is asked for in its turn');
});

test('a name that is answered soon again is in doubt no more', () => {
  const { ask, underWay, answer, pass } = opened(2);
  for (const name of ['h1', 'h2']) {
    ask(name);
    pass(10_000);
    answer(name);
  }
  for (const name of ['h1', 'h2']) ask(name);
  assert.deepEqual(underWay(), ['h1'], 'one at a time');
  answer('h1');
  ask('h1');
  assert.deepEqual(underWay(), ['h2', 'h1']);
});

test('whoever asks for a name that is being asked for gets the same answer, good or bad', () => {
  const { got, ask, underWay, answer } = opened(4);
  for (const name of ['w1', 'w1', 'w1']) ask(name);
  assert.deepEqual(underWay(), ['w1']);
  answer('w1');
  assert.deepEqual(got, ['10.0.0.1', '10.0.0.1', '10.0.0.1']);
  ask('w1');
  answer('w1', new Error('no such name'));
  assert.equal(got.at(-1), 'no such name');
});

test('a checkout and a release give serve as many threads', () => {
  for (const file of ['cli/main.cjs', 'release/entry/start.cjs'])
    assert.ok(
      readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8').includes(
        `process.env.UV_THREADPOOL_SIZE ??= '${THREADS}';`,
      ),
      file,
    );
});

test('serve has the threads that names need', { skip: process.platform !== 'linux' }, async (t) => {
  const { path: folder, remove } = await temporaryFolder();
  t.after(remove);
  const landfall = fileURLToPath(new URL('../../bin/landfall', import.meta.url));
  await writeFile(`${folder}/a.yaml`, 'sources: []\n');
  const { UV_THREADPOOL_SIZE: _, ...env } = process.env;
  const child = spawn(landfall, ['serve', '-f', `${folder}/a.yaml`, '--store', `${folder}/store`], {
    env,
    stdio: 'ignore',
  });
  t.after(() => child.kill('SIGKILL'));
  await until('the threads to be there', async () =>
    readdirSync(`/proc/${child.pid}/task`).length > THREADS ? true : undefined,
  );
});
