import assert from 'node:assert/strict';
import { mkdir, readlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { ledgerKey, runsKey } from '../../../shared/store/layout.ts';
import { plantFiles } from '../../support/artifacts/sample-artifacts.ts';
import { openServeMachine, type ServeMachine, sourceLine } from '../../support/programs/serve-machine.ts';
import { until } from '../../support/until.ts';

const KIT = join(import.meta.dirname, '..', '..', '..', 'shared', 'deploy', 'kit', 'define-deploy.ts');
const ZOD = import.meta.resolve('zod/mini');

/** Kinds of one's own whose parts never end, whatever their signal says, or throw what is no error. */
const BAD_KINDS = `
import * as z from ${JSON.stringify(ZOD)};
import { defineDeploy } from ${JSON.stringify(KIT)};
const never = () => new Promise(() => setInterval(() => {}, 1000));
const plan = async () => ({ changes: [], summary: 'nothing' });
const step = async () => ({ state: 'succeeded' });
const settings = z.object({});
const thrown = () => { throw undefined; };
export const kinds = [
  defineDeploy({ kind: 'stuckStep', settings, plan, step: never }),
  defineDeploy({ kind: 'stuckPlan', settings, plan: never, step }),
  defineDeploy({ kind: 'throws', settings, plan: thrown, step: thrown }),
  defineDeploy({ kind: 'answersNonsense', settings, plan, step: async () => 17 }),
  defineDeploy({ kind: 'stuckStands', settings, plan, step, stands: never }),
  defineDeploy({ kind: 'plansNonsense', settings, plan: async () => null, step }),
];
export const [a, b, c, d, e, f] = kinds;
`;

const BAD = [
  '{ name: a-stuck-step, kind: stuckStep, source: web/app, timeout: 5s }',
  '{ name: a-stuck-plan, kind: stuckPlan, source: web/app, timeout: 5s, approval: required }',
  '{ name: a-stuck-stands, kind: stuckStands, source: web/app }',
  '{ name: a-throws, kind: throws, source: web/app }',
  '{ name: a-throwing-plan, kind: throws, source: web/app, approval: required }',
  '{ name: a-nonsense, kind: answersNonsense, source: web/app }',
  '{ name: a-plan-of-nonsense, kind: plansNonsense, source: web/app, approval: required }',
  '{ name: a-hanging-command, kind: command, source: web/app, command: [sleep, "600"] }',
  '{ name: a-missing-command, kind: command, source: web/app, command: [/no/such/program] }',
  '{ name: a-dead-receiver, kind: http, source: web/app, url: "http://127.0.0.1:9/hook" }',
];

async function put(machine: ServeMachine, key: string, content: string): Promise<void> {
  await mkdir(dirname(join(machine.store, key)), { recursive: true });
  await writeFile(join(machine.store, key), content);
}

/** Waits until the sound deploy follows what was pushed. */
const followed = ({ live }: ServeMachine, digest: string): Promise<unknown> =>
  until(`the sound deploy to follow ${digest}`, async () =>
    (await readlink(live).catch(() => '')).includes(digest.split(':')[1] ?? '-') ? true : undefined,
  );

async function withBadKinds(machine: ServeMachine, deploys: readonly string[]) {
  const kinds = join(machine.folder, 'kinds.ts');
  await writeFile(kinds, BAD_KINDS);
  await machine.write({
    sources: [sourceLine(machine.registry, 'name: app, ref: { tag: stable }')],
    deploys: [...deploys, `{ name: sound, kind: directory, source: web/app, target: ${machine.live} }`],
  });
  return { env: { LANDFALL_KINDS: kinds } };
}

test('deploys that never end, throw or answer nonsense hold up neither the sound one beside them, nor the end of serve', async (t) => {
  const machine = await openServeMachine(t);
  const options = await withBadKinds(machine, BAD);
  const first = plantFiles(machine.registry, 'stable', { 'app.yaml': 'a: 1\n' });
  const serve = await machine.serve(options);
  await followed(machine, first.digest);
  await serve.logged('deploy failed', { deploy: 'a-throws' });
  await serve.logged('deploy failed', { deploy: 'a-nonsense' });
  const second = plantFiles(machine.registry, 'stable', { 'app.yaml': 'a: 2\n' });
  assert.equal((await machine.on('reconcile', 'web/app', '--wait')).code, 0);
  await followed(machine, second.digest);
  // Its link is switched a moment before its ledger says so.
  await until('the ledger to say so', async () => {
    const { stdout } = await machine.on('get', 'deploys');
    return /^sound +web\/app +2 /m.test(stdout) || undefined;
  });
  assert.equal((await serve.end('SIGTERM')).code, 0);
});

test('a plan and a step that never end are told of at their timeout', async (t) => {
  const machine = await openServeMachine(t);
  const options = await withBadKinds(machine, BAD.slice(0, 2));
  plantFiles(machine.registry, 'stable', { 'app.yaml': 'a: 1\n' });
  const serve = await machine.serve(options);
  await serve.logged('deploy waits', { deploy: 'a-stuck-plan' });
  await serve.logged('deploy failed', { deploy: 'a-stuck-step' });
});

for (const [what, keyOf] of [
  ['ledger', ledgerKey],
  ['history of runs', runsKey],
] as const)
  for (const content of ['{', '', '[]', '{"formatVersion":99}', '\0\0'])
    test(`a ${what} that is ${JSON.stringify(content)} holds up no neighbour, nor an approval of one`, async (t) => {
      const machine = await openServeMachine(t);
      const options = await withBadKinds(machine, [
        '{ name: broken, kind: command, source: web/app, command: [echo, hello] }',
        '{ name: asked, kind: command, source: web/app, command: [echo, hello], approval: required }',
      ]);
      const { digest } = plantFiles(machine.registry, 'stable', { 'app.yaml': 'a: 1\n' });
      const { store } = machine;
      await (await machine.serve({ ...options })).end('SIGTERM');
      const id = { namespace: 'web', name: 'app' };
      await put(machine, keyOf('broken', id), content);
      const serve = await machine.serve(options);
      await followed(machine, digest);
      await serve.logged('deploy waits', { deploy: 'asked' });
      assert.equal((await machine.on('approve', 'asked')).code, 0);
      await serve.logged('deploy applied', { deploy: 'asked' });
      assert.equal((await serve.end('SIGTERM')).code, 0);
      assert.ok(store);
    });
