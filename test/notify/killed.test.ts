import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { plantFiles } from '../support/artifacts/sample-artifacts.ts';
import { openServeMachine, sourceLine } from '../support/programs/serve-machine.ts';
import { until } from '../support/until.ts';
import { type Script, scriptedProvider } from './scripted-provider.ts';

interface Told {
  readonly id: string;
  readonly title: string;
}

/** A machine whose source `web/app` tells two receivers of one's own of each landing. */
async function machineFor(t: TestContext, scripts: { readonly first: Script; readonly second: Script }) {
  const [first, second] = [
    await scriptedProvider(t, scripts.first),
    await scriptedProvider(t, scripts.second),
  ];
  const machine = await openServeMachine(t);
  const entry = (name: string, url: string): string =>
    `{ name: ${name}, type: webhook, url: "${url}/hook", events: [Artifact Revision Changed], quiet: 0s }`;
  await machine.write({
    sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')],
    notify: [entry('first', first.url), entry('second', second.url)],
  });
  let pushed = 0;
  const push = async (): Promise<void> => {
    pushed += 1;
    plantFiles(machine.registry, 'stable', { 'app.yaml': `n: ${pushed}\n` });
    // Of a source that serve has not looked at yet there is no status to ask in.
    await until('the push to be landed', async () =>
      (await machine.on('reconcile', 'web/app', '--wait')).code === 0 ? true : undefined,
    );
  };
  return { machine, first, second, push };
}

const idsOf = (heard: readonly { readonly body: string }[]): readonly string[] =>
  heard.map(({ body }) => (JSON.parse(body) as Told).id);

test('what is told over kills of serve is told once, and none of it is lost', async (t) => {
  let isDown = false;
  const script: Script = () => ({ status: isDown ? 503 : 200 });
  const { machine, first, push } = await machineFor(t, { first: script, second: script });
  let serve = await machine.serve({ argv: [] });
  await push();
  await until('the first to be told', () => first.heard[0]);
  isDown = true;
  await push();
  await serve.logged('not told yet', { notify: 'first' });
  await serve.end('SIGKILL');
  serve = await machine.serve({ argv: [] });
  await push();
  await serve.end('SIGKILL');
  isDown = false;
  const told = first.heard.length;
  serve = await machine.serve({ argv: [] });
  const after = await until('the rest to be told', () => {
    const rest = first.heard.slice(told);
    return rest.length >= 2 ? rest : undefined;
  });
  await push();
  const last = await until('the last to be told', () => first.heard.slice(told)[2]);
  assert.deepEqual(idsOf([...after, last]).length, 3);
  const generations = idsOf([...first.heard.slice(0, 1), ...after, last]);
  assert.equal(new Set(generations).size, 4, generations.join('\n'));
  assert.deepEqual([...generations].sort(), generations, 'in their order');
  assert.equal(first.heard.length, told + 3);
});

test('a provider that hangs holds up nobody else, and nothing of serve', async (t) => {
  const { machine, second, push } = await machineFor(t, {
    first: () => undefined,
    second: () => ({ status: 200 }),
  });
  const serve = await machine.serve({ argv: [] });
  await push();
  await until('the other to be told', () => second.heard[0]);
  await push();
  await until('the other to be told again', () => second.heard[1]);
  await serve.end('SIGTERM');
  const book = JSON.parse(await readFile(join(machine.store, 'notify', 'first.json'), 'utf8')) as {
    readonly outbox: readonly unknown[];
  };
  assert.ok(book.outbox.length > 0, 'it is told when it answers');
});

test('an entry is told of what happens from its beginning on, and one that is refused takes no other with it', async (t) => {
  const { machine, first, second, push } = await machineFor(t, {
    first: () => ({ status: 400, body: 'no' }),
    second: () => ({ status: 200 }),
  });
  const serve = await machine.serve({ argv: [] });
  await push();
  const refused = await serve.logged('not told', { notify: 'first' });
  assert.equal(refused['code'], 'NOTIFY_REFUSED');
  await push();
  await until('both to be told twice', () => (first.heard[1] && second.heard[1] ? true : undefined));
  assert.deepEqual(idsOf(first.heard), idsOf(second.heard));
});

test('an entry that was gone and is back is not told of what was meanwhile', async (t) => {
  const { machine, first, second, push } = await machineFor(t, {
    first: () => ({ status: 200 }),
    second: () => ({ status: 200 }),
  });
  const sources = [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')];
  const entry = (name: string, url: string): string =>
    `{ name: ${name}, type: webhook, url: "${url}/hook", events: [Artifact Revision Changed], quiet: 0s }`;
  const serve = await machine.serve({ argv: [] });
  await push();
  await until('both to be told', () => (first.heard[0] && second.heard[0] ? true : undefined));
  const read = (count: number) =>
    until('the documents to be read', () =>
      serve.log.filter(({ message }) => message === 'documents read again').length >= count
        ? true
        : undefined,
    );
  await machine.write({ sources, notify: [entry('second', second.url)] });
  await read(1);
  await until('the book to be forgotten', () =>
    readFile(join(machine.store, 'notify', 'first.json')).then(
      () => undefined,
      () => true,
    ),
  );
  await push();
  await until('the other to be told', () => second.heard[1]);
  await machine.write({ sources, notify: [entry('first', first.url), entry('second', second.url)] });
  await read(2);
  await push();
  await until('both to be told again', () => (first.heard[1] && second.heard[2] ? true : undefined));
  assert.deepEqual(idsOf(first.heard), [idsOf(second.heard)[0], idsOf(second.heard)[2]]);
});
