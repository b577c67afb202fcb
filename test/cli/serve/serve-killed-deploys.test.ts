import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { documentOf } from '../../support/cli.ts';
import { openServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';
import { until } from '../../support/until.ts';

/** Each a start and a kill -9 with a command in flight. */
const ROUNDS = Number(process.env['LANDFALL_TEST_KILLS'] ?? 6);

interface Line {
  readonly what: 'begin' | 'end';
  readonly generation: number;
  readonly run: string;
}

const parse = (text: string): readonly Line[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [what, generation, run = ''] = line.split(' ');
      assert.ok(what === 'begin' || what === 'end', line);
      return { what, generation: Number(generation), run };
    });

/** Says each 50 ms that it lives, so that one that goes on beside another is seen whatever it writes at its ends. */
const script = (folder: string): string => `
trap 'exit 1' TERM
# A zombie does nothing any more; in a container there may be nobody who takes it.
lives() { grep -qs '^State:.[^ZX]' "/proc/$1/status"; }
echo "begin $LANDFALL_GENERATION $$" >> ${folder}/runs
n=0
while [ $n -lt 60 ]; do
  for other in ${folder}/alive.*; do
    [ "$other" = "${folder}/alive.$$" ] || [ ! -e "$other" ] || ! lives "\${other##*.}" || echo "$other beside $$" >> ${folder}/overlaps
  done
  : > ${folder}/alive.$$
  sleep 0.05
  n=$((n + 1))
done
rm ${folder}/alive.$$
echo "end $LANDFALL_GENERATION $$" >> ${folder}/runs
`;

test('kill -9 of serve with a command in flight, again and again: two never run at once, an older never ends after a newer', async (t) => {
  const machine = await openServeMachine(t);
  const { registry, folder } = machine;
  const program = join(folder, 'slow.sh');
  await writeFile(program, script(folder));
  const runs = async (): Promise<readonly Line[]> =>
    parse(await readFile(join(folder, 'runs'), 'utf8').catch(() => ''));
  await machine.write({
    sources: [sourceLine(registry, 'name: app, ref: { tag: stable }')],
    deploys: [`{ name: slow, kind: command, source: web/app, command: [sh, "${program}"], timeout: 60s }`],
  });
  let digest = '';
  for (let round = 1; round <= ROUNDS; round += 1) {
    ({ digest } = plantFiles(registry, 'stable', { 'app.yaml': `round: ${round}\n` }));
    const before = (await runs()).length;
    const serve = await machine.serve();
    await until(`a run of round ${round}`, async () => ((await runs()).length > before ? true : undefined));
    await serve.end('SIGKILL');
  }
  const last = await machine.serve();
  const newest = await until('the last push to have landed', async () => {
    const [source] = documentOf<readonly Record<string, unknown>[]>(
      await machine.on('get', 'sources', '--json'),
    );
    return String(source?.['revision']).includes(digest) ? Number(source?.['generation']) : undefined;
  });
  await last.logged('deploy applied', { deploy: 'slow', generation: newest });
  const lines = await runs();
  assert.equal(await readFile(join(folder, 'overlaps'), 'utf8').catch(() => ''), '', 'overlaps');
  assert.ok(lines.filter(({ what }) => what === 'begin').length > ROUNDS);
  const ends = lines.filter(({ what }) => what === 'end').map(({ generation }) => generation);
  assert.deepEqual(
    ends,
    [...ends].sort((a, b) => a - b),
    'an older one ended after a newer',
  );
  for (const { what, generation } of lines)
    if (what === 'begin') assert.ok(generation <= ROUNDS, String(generation));
  assert.equal(ends.at(-1), newest);
  const begun = lines.length - ends.length;
  t.diagnostic(`seen: ${ROUNDS} kills, ${begun} runs begun, ${ends.length} ended, 0 overlaps, 0 inversions`);
});

test('get deploys and logs say Running while a command runs, and CutOff once serve was killed', async (t) => {
  const machine = await openServeMachine(t);
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'a: 1\n' });
  await machine.write({
    sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')],
    deploys: [
      '{ name: slow, kind: command, source: web/app, command: [sh, -c, "echo begun; sleep 60"], timeout: 90s }',
    ],
  });
  const logged = async (wanted: RegExp) =>
    until(`logs to say ${wanted}`, async () => {
      const { stdout } = await machine.on('logs', 'slow');
      return wanted.test(stdout) ? stdout : undefined;
    });
  const state = (wanted: string) =>
    until(`get deploys to say ${wanted}`, async () => {
      const { stdout } = await machine.on('get', 'deploys');
      return stdout.includes(wanted) ? stdout : undefined;
    });
  const serve = await machine.serve();
  assert.match(await state('Running'), /^slow +web\/app +- +- +Running +\d+s$/m);
  await logged(/try 1: Running, \S+ – now\n.* begun\n$/);
  await serve.end('SIGKILL');
  assert.match(await state('CutOff'), /^slow +web\/app +- +- +CutOff/m);
  const { stdout } = await machine.on('logs', 'slow');
  assert.match(stdout, /try 1: CutOff, \S+ – \?\n.* begun\n$/, 'as get deploys has it');
});

test('a command that leaves a child behind does not hold its deploy, nor serve', async (t) => {
  const machine = await openServeMachine(t);
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'a: 1\n' });
  await machine.write({
    sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')],
    deploys: [
      '{ name: starts, kind: command, source: web/app, command: [sh, -c, "sleep 20 &"], timeout: 5s }',
    ],
  });
  const serve = await machine.serve();
  await serve.logged('deploy applied', { deploy: 'starts', generation: 1 });
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'a: 2\n' });
  await machine.on('reconcile', 'web/app');
  await serve.logged('deploy applied', { deploy: 'starts', generation: 2 });
  assert.equal((await serve.end('SIGTERM')).code, 0);
});

test('a command that ignores SIGTERM does not outlive serve', async (t) => {
  const machine = await openServeMachine(t);
  const pidFile = join(machine.folder, 'pid');
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'a: 1\n' });
  const stubborn = join(machine.folder, 'stubborn.sh');
  await writeFile(stubborn, `trap '' TERM\necho $$ > ${pidFile}\nwhile :; do sleep 0.1; done\n`);
  await machine.write({
    sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')],
    deploys: [`{ name: stubborn, kind: command, source: web/app, command: [sh, "${stubborn}"] }`],
  });
  const serve = await machine.serve();
  const pid = await until('it to run', async () =>
    readFile(pidFile, 'utf8').then(
      (text) => Number(text) || undefined,
      () => undefined,
    ),
  );
  assert.equal((await serve.end('SIGTERM')).code, 0);
  assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
});
