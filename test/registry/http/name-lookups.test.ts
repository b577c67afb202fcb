import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { THREADS } from '../../../shared/limits.ts';
import type { Lookup } from '../../../shared/registry/names/name-lookups.ts';
import { NameLookups } from '../../../shared/registry/names/name-lookups.ts';
import { isAnswered } from '../../../shared/registry/names/name-server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { until } from '../../support/until.ts';

const ALL = { all: true } as const;
const answerOf = (hostname: string) => [{ address: hostname.replace(/^\D*/, '10.0.0.'), family: 4 }];

/** A system whose name servers answer when they are told to; `pass` is in milliseconds. Those of h… say nothing. */
function opened(threads: number) {
  let now = 0;
  const asked: { readonly hostname: string; readonly answer: (error?: Error) => void }[] = [];
  const system: Lookup = (hostname, _, callback) => {
    asked.push({ hostname, answer: (error) => callback(error ?? null, error ? [] : answerOf(hostname)) });
  };
  const servers: string[] = [];
  const isAnswered = (hostname: string): Promise<boolean> => {
    servers.push(hostname);
    return Promise.resolve(!hostname.startsWith('h'));
  };
  const { lookup } = new NameLookups({
    lookup: system,
    isAnswered,
    threads: () => threads,
    now: () => now,
  });
  const got: string[] = [];
  return {
    got,
    /** Names of which a name server was asked. */
    servers,
    ask: async (...hostnames: string[]): Promise<void> => {
      for (const hostname of hostnames)
        lookup(hostname, ALL, (error, addresses) =>
          got.push(error?.message ?? String(addresses[0]?.address)),
        );
      await turn();
    },
    /** Those that have a thread. */
    underWay: () => asked.map(({ hostname }) => hostname),
    pass: (milliseconds: number): void => {
      now += milliseconds;
    },
    answer: async (hostname: string, error?: Error): Promise<void> => {
      const at = asked.findIndex((each) => each.hostname === hostname);
      asked.splice(at, 1)[0]?.answer(error);
      await turn();
    },
  };
}

const names = (letter: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${letter}${at + 1}`);

// As many names that hang as there were threads kept all others waiting for a resolver to give up, once.
test('however many names are not answered at first, those that are have half of the threads', async () => {
  const { got, ask, underWay, answer } = opened(4);
  await ask(...names('h', 40), ...names('w', 3));
  assert.deepEqual(underWay(), ['h1', 'h2', 'w1', 'w2']);
  await answer('w1');
  assert.deepEqual(underWay(), ['h1', 'h2', 'w2', 'w3']);
  await answer('w2');
  await answer('w3');
  assert.deepEqual(got, ['10.0.0.1', '10.0.0.2', '10.0.0.3']);
  assert.deepEqual(underWay(), ['h1', 'h2']);
});

test('so they have where those that are not answered were answered before', async () => {
  const { ask, underWay, answer } = opened(4);
  for (const name of names('h', 8)) {
    await ask(name);
    await answer(name);
  }
  await ask(...names('h', 8), 'w1');
  assert.deepEqual(underWay(), ['h1', 'h2', 'h3', 'w1'], 'a quarter for what is in no name server');
});

test('names that are not answered are asked for in their turn', async () => {
  const { ask, underWay, answer, pass } = opened(4);
  await ask(...names('h', 4));
  pass(10_000);
  await answer('h1', new Error('nobody answers'));
  assert.deepEqual(underWay(), ['h2', 'h3']);
  await ask('h1');
  await answer('h2', new Error('nobody answers'));
  assert.deepEqual(underWay(), ['h3', 'h4']);
});

test('no name server is asked of a name while half of the threads are free', async () => {
  const { ask, servers, answer } = opened(4);
  await ask('w1', 'w2');
  await answer('w1');
  await ask('w3');
  assert.deepEqual(servers, []);
  await ask('w4', 'w5');
  assert.deepEqual(servers, ['w4', 'w5'], 'and of each once');
});

test('a name that is slow though a name server answers is not believed of it again, until it is soon', async () => {
  const { ask, underWay, answer, pass, servers } = opened(4);
  await ask('h1', 'h2', 'w1');
  pass(10_000);
  await answer('w1');
  for (const hung of ['h1', 'h2']) {
    await ask('w1');
    assert.deepEqual(servers, ['w1'], 'it is not asked of it');
    await answer(hung);
    assert.ok(underWay().includes('w1'), 'it goes in its turn');
    pass(10_000);
    await answer('w1');
    await ask(hung);
  }
  await answer('h1');
  await ask('w1');
  await answer('w1');
  await ask('h1', 'w1');
  assert.deepEqual(servers, ['w1', 'w1']);
});

/** A name server on loopback, which says of some names that there are none, and of h… nothing. */
async function nameServer(t: TestContext): Promise<string> {
  const socket = createSocket('udp4');
  const answer = (query: Buffer): Buffer => {
    const said = Buffer.from(query);
    said.writeUInt16BE(0x8183, 2); // A response, recursion, no such name.
    return said;
  };
  socket.on('message', (query, { port, address }) => {
    const name = query.subarray(13, 13 + (query[12] ?? 0)).toString();
    if (!name.startsWith('h')) socket.send(answer(query), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.after(() => socket.close());
  return `127.0.0.1:${socket.address().port}`;
}

test('a name server that says there is no such name has answered, and one that says nothing has not', async (t) => {
  const servers = [await nameServer(t)];
  assert.equal(await isAnswered('w1.example', servers), true);
  assert.equal(await isAnswered('h1.example', servers), false);
});

test('a name server that is not there has answered: nothing waits for it', async () => {
  assert.equal(await isAnswered('w1.example', ['127.0.0.1:1']), true);
});

test('whoever asks for a name that is being asked for gets the same answer, good or bad', async () => {
  const { got, ask, underWay, answer } = opened(4);
  await ask('w1', 'w1', 'w1');
  assert.deepEqual(underWay(), ['w1']);
  await answer('w1');
  assert.deepEqual(got, ['10.0.0.1', '10.0.0.1', '10.0.0.1']);
  await ask('w1');
  await answer('w1', new Error('no such name'));
  assert.equal(got.at(-1), 'no such name');
});

test('a checkout and a release give serve as many threads as names count on', () => {
  const text = (file: string): string => readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
  assert.ok(text('cli/start/threads.cjs').includes(`const THREADS = '${THREADS}';`));
  for (const file of ['cli/start/main.cjs', 'release/entry/start.cjs'])
    assert.match(text(file), /'serve'\)+ makeThreads\(\);/, file);
});

test('serve has the threads that names need', { skip: process.platform !== 'linux' }, async (t) => {
  const { path: folder, remove } = await temporaryFolder();
  t.after(remove);
  const landfall = fileURLToPath(new URL('../../../bin/landfall', import.meta.url));
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
