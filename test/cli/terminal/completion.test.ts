import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { assertRefused, landfall, PROGRAM } from '../../support/cli.ts';
import { openServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';
import { skipWithout } from '../../support/programs/tool.ts';

const complete = async (...words: readonly string[]): Promise<readonly string[]> =>
  (await landfall(['completion', 'words', '--', ...words])).stdout.split('\n').slice(0, -1);

const CASES: readonly (readonly [what: string, words: readonly string[], wanted: readonly string[]])[] = [
  ['commands', ['re'], ['reconcile', 'resume', 'resolve', 'receivers', 'replay', 'reject', 'restore']],
  ['commands of a command', ['get', 's'], ['sources']],
  ['options', ['rollback', '--s'], ['--skip', '--store']],
  ['values that are few', ['get', 'sources', '-o', 'w'], ['wide']],
  [
    'types of events',
    ['events', '--type', 'source-r'],
    ['source-reconcile-failed', 'source-recovered', 'source-resumed'],
  ],
  ['a path', ['push', './'], [':path']],
  ['the value of an option that is a path', ['serve', '-f', ''], [':path']],
  ['nothing of a command that is none', ['nope', ''], []],
  ['nothing where the store is not there', ['status', '--store', '/nowhere', ''], []],
];

for (const [what, words, wanted] of CASES)
  test(`completion knows ${what}`, async () => {
    assert.deepEqual([...(await complete(...words))].sort(), [...wanted].sort());
  });

test('completion knows sources, deploys and revisions of the store that the line names', async (t) => {
  const machine = await openServeMachine(t);
  await machine.write({
    sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')],
    deploys: ['{ name: live, kind: command, source: web/app, command: ["true"] }'],
  });
  const { digest } = plantFiles(machine.registry, 'stable', { 'a.txt': '1' });
  await machine.on('serve', '-f', machine.sources, '--once');
  const store = ['--store', machine.store];
  assert.deepEqual(await complete('status', ...store, 'w'), ['web/app']);
  assert.deepEqual(await complete('status', ...store, 'web/app', ''), []);
  assert.deepEqual(await complete('logs', ...store, ''), ['live']);
  assert.deepEqual(await complete('replay', 'web/app', ...store, '--deploy', ''), ['live']);
  assert.deepEqual(await complete('rollback', 'web/app', ...store, '--to', 'st'), [`stable@${digest}`]);
  assert.deepEqual(await complete('rollback', ...store, `--to=stable@sha`), [`--to=stable@${digest}`]);
  assert.deepEqual(await complete('get', 'deploys', ...store, '-n', ''), ['web']);
});

test('bash completes a revision behind the colon that it splits words at', {
  skip: skipWithout(['bash'], 'bash'),
}, async (t) => {
  const machine = await openServeMachine(t);
  await machine.write({ sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')] });
  const { digest } = plantFiles(machine.registry, 'stable', { 'a.txt': '1' });
  await machine.on('serve', '-f', machine.sources, '--once');
  const typed = `landfall rollback web/app --to stable@sha256:${digest.slice(7, 9)}`;
  const script = `source <('${PROGRAM}' completion bash)
COMP_LINE='${typed}' COMP_POINT=${typed.length}
COMP_WORDS=(landfall rollback web/app --to stable@sha256 : ${digest.slice(7, 9)}) COMP_CWORD=6
_landfall; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const PATH = `${join(PROGRAM, '..')}:${process.env['PATH']}`;
  const env = { ...process.env, LANDFALL_STORE: machine.store, PATH };
  const { stdout } = await promisify(execFile)('bash', ['-c', script], { env });
  assert.equal(stdout, `${digest.slice(7)}\n`);
});

test('completion of a shell that it does not know names those that it does', async () => {
  for (const shell of ['bash', 'zsh', 'fish'])
    assert.match((await landfall(['completion', shell])).stdout, /completion words -- /);
  const none = await landfall(['completion', 'tcsh']);
  assertRefused(none, { code: 'USAGE', exit: 2, says: /bash, zsh, fish/, next: /completion bash/ });
});
