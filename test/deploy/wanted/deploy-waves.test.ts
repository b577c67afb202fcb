import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Clock } from '../../../shared/clock.ts';
import { deployState } from '../../../shared/deploy/deploy-state.ts';
import { kindsOf } from '../../../shared/deploy/kinds/deploy-kinds.ts';
import { readLedger } from '../../../shared/deploy/ledger/ledger.ts';
import { LandfallError } from '../../../shared/errors.ts';
import { rollback } from '../../../shared/reconcile/rollback.ts';
import { parseDocuments } from '../../../shared/source/document.ts';
import { committed, ID } from '../../support/stores/memory-sources.ts';
import { type Applying, type DeployWorld, kindWith, openDeployWorld } from '../deploy-world.ts';
import { subscribe } from './subscribed.ts';

const TEXT = `
sources: [{ name: site, namespace: web, url: "oci://r.example/app" }, { name: other, namespace: web, url: "oci://r.example/image" }]
deploys:
  - name: app
    kind: kubernetes
    source: web/site
    images: [{ name: app, source: web/other }]
    clusters: [{ name: test, wave: 1 }, { name: eu, wave: 2 }, { name: us, wave: 2 }, { name: last, wave: 3 }]
`;
const { deploys } = parseDocuments([{ file: 'a.yaml', text: TEXT }]);

/** Time that only an event ends: whoever waits is woken by what it waits for. What is due is due. */
const idleClock = ({ clock }: DeployWorld): Clock => ({
  now: () => clock.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve, reject) =>
      milliseconds <= 0
        ? setImmediate(resolve)
        : signal?.addEventListener('abort', () => reject(signal.reason), { once: true }),
    ),
});

const clusterOf = ({ deploy }: Applying): string => deploy.name.replace('app.', '');

/** Each cluster as often as it is deployed to, and taken back; those in `broken` fail for good. */
function openClusters(world: DeployWorld, broken: readonly string[] = [], entries = deploys) {
  const done: string[] = [];
  const undone: string[] = [];
  const apply = async (context: Applying): Promise<void> => {
    done.push(clusterOf(context));
    if (broken.includes(clusterOf(context))) throw new LandfallError('DEPLOY_FAILED', 'no');
  };
  const undo = async (context: Applying) => {
    undone.push(`${clusterOf(context)} to ${context.applied?.generation}`);
    return { state: 'succeeded' } as const;
  };
  const kinds = kindsOf([kindWith('kubernetes', apply, { undo })]);
  const stop = new AbortController();
  const run = subscribe(world, entries, { kinds, clock: idleClock(world), signal: stop.signal });
  return { done, undone, run, stop };
}

async function landImage(world: DeployWorld, text: string): Promise<void> {
  world.push('image', { 'a.txt': text });
  committed(await world.look({ name: 'other', ref: { tag: 'image' }, unpack: { mode: 'none' } }));
}

const ledgerOf = async (world: DeployWorld, cluster: string) =>
  (await readLedger(world.store.objects, `app.${cluster}`, ID)).ledger;

describe('a deploy into several clusters', () => {
  test('goes from wave to wave, and keeps a ledger of each', async () => {
    const world = openDeployWorld();
    const { done, run } = openClusters(world);
    await landImage(world, '1');
    run.accept(await world.land({ 'a.txt': '1' }));
    await run.idle();
    assert.deepEqual([done[0], done.slice(1, 3).toSorted(), done[3]], ['test', ['eu', 'us'], 'last']);
    for (const cluster of ['test', 'eu', 'us', 'last'])
      assert.equal((await ledgerOf(world, cluster)).applied?.generation, 1);
  });

  test('stops at the first that fails: what comes after waits, and says for which', async () => {
    const world = openDeployWorld();
    const { done, run, stop } = openClusters(world, ['eu']);
    await landImage(world, '1');
    run.accept(await world.land({ 'a.txt': '1' }));
    while (!run.outcomes().includes('failed')) await new Promise((resolve) => setImmediate(resolve));
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await run.idle();
    assert.deepEqual(done.toSorted(), ['eu', 'test', 'us']);
    const { applied, waiting } = await ledgerOf(world, 'last');
    assert.equal(applied, null);
    assert.match(waiting?.message ?? '', /^for app\.eu of web\/site, which fails: DEPLOY_FAILED$/);
  });

  test('goes back from wave to wave with its source, too', async () => {
    const world = openDeployWorld();
    const { done, undone, run } = openClusters(world);
    await landImage(world, '1');
    run.accept(await world.land({ 'a.txt': '1' }));
    await run.idle();
    const { current } = await world.status();
    run.accept(await world.land({ 'a.txt': '2' }));
    await run.idle();
    await rollback({ ...ID, to: String(current?.revision) }, world);
    const event = world.events('Artifact Revision Changed').at(-1);
    assert.ok(event);
    run.accept(event);
    await run.idle();
    assert.deepEqual([done[8], done.slice(9, 11).toSorted(), done[11]], ['test', ['eu', 'us'], 'last']);
    for (const cluster of ['test', 'eu', 'us', 'last'])
      assert.partialDeepStrictEqual((await ledgerOf(world, cluster)).applied, {
        generation: 3,
        digest: current?.digest,
      });
    assert.deepEqual(undone, []);
  });

  test('has the cluster that failed taken back alone: others of its wave keep the new revision', async () => {
    const world = openDeployWorld();
    const broken: string[] = [];
    const entries = deploys.map((entry) => ({ ...entry, rollback: 'onFailure' }) as const);
    const { undone, run, stop } = openClusters(world, broken, entries);
    await landImage(world, '1');
    run.accept(await world.land({ 'a.txt': '1' }));
    await run.idle();
    broken.push('eu');
    run.accept(await world.land({ 'a.txt': '2' }));
    while (!run.outcomes().includes('failed')) await new Promise((resolve) => setImmediate(resolve));
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await run.idle();
    assert.deepEqual(undone, ['eu to 1']);
    const [eu, us, last] = await Promise.all(['eu', 'us', 'last'].map((each) => ledgerOf(world, each)));
    assert.deepEqual(
      [eu, us, last].map((each) => each?.applied?.generation),
      [1, 2, 1],
    );
    assert.equal(eu && deployState(eu, world.clock).state, 'RolledBack');
    assert.match(last?.waiting?.message ?? '', /^for app\.eu of web\/site, which fails/);
  });

  test('takes another image of the same revision from wave to wave, too', async () => {
    const world = openDeployWorld();
    const broken: string[] = [];
    const { done, run, stop } = openClusters(world, broken);
    await landImage(world, '1');
    run.accept(await world.land({ 'a.txt': '1' }));
    await run.idle();
    broken.push('test');
    await landImage(world, '2');
    const event = world.events('Artifact Revision Changed').at(-1);
    assert.ok(event);
    run.accept(event);
    while (!run.outcomes().includes('failed')) await new Promise((resolve) => setImmediate(resolve));
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    await run.idle();
    assert.deepEqual(done.slice(4), ['test']);
    assert.match((await ledgerOf(world, 'eu')).waiting?.message ?? '', /^for app\.test of web\/site/);
  });
});
