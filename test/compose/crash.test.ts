import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isLandfallError } from '../../shared/errors.ts';
import { Failpoints, type Fault, MODES } from '../support/simulation/simulation-faults.ts';
import { type ComposedWorld, land, openComposed } from './composed-world.ts';
import { checkAllArtifacts } from './fsck-all.ts';

const APP = `
include: [{ source: base }, { source: lib, to: lib }]
images: [{ source: base, marker: "web:image" }]
`;
const MARKED = 'image: x # {"$imagepolicy": "web:image"}\n';
const BASE = { 'app.yaml': MARKED, 'b/c': 'x' };

/** What holds after any fault: nothing is half done, and the last good stays. */
async function checkAlways(world: ComposedWorld): Promise<void> {
  assert.deepEqual(await checkAllArtifacts(world.store), [], 'I1: a record implies its files');
  const status = await world.statusIfAny('app');
  for (const revision of [status?.current, ...(status?.history ?? [])])
    if (revision)
      assert.ok(await world.store.artifacts.record(revision), 'I2: status names what is committed');
}

const planned = (error: unknown): void => {
  if (!isLandfallError(error) || error.code !== 'STORE_UNAVAILABLE') throw error;
};

/** Lands a second revision of a part while one call goes wrong; gives back the calls there were. */
async function runWith(fault?: Fault): Promise<readonly string[]> {
  const world = openComposed(['base', 'lib'], APP);
  await land(world, { base: BASE, lib: { a: '1' } });
  const { generation } = await world.statusOf('app');
  world.push('lib', { a: '2' });
  const failpoints = new Failpoints(fault);
  await failpoints.run(async (gate) => {
    // A store that cannot be read throws: the queue brings the message again.
    await world.lookAt('lib', { gate }).catch(planned);
    await world.settle(gate).catch(planned);
  });
  await checkAlways(world);
  // The next process: a look by the schedule at each, and what that asks for.
  await world.lookAt('lib');
  await world.lookAt('app');
  await world.settle();
  await checkAlways(world);
  const status = await world.statusOf('app');
  assert.equal(status.generation, generation + 1, 'I5: by one');
  assert.deepEqual(status.outbox, []);
  assert.equal((await world.filesOf('app'))['lib/a'], '2', 'I11: it is at what its parts are at');
  const { current: lib } = await world.statusOf('lib');
  assert.equal(status.current?.parts?.find(({ source }) => source === 'web/lib')?.revision, lib?.revision);
  const events = world.events('Artifact Revision Changed').filter(({ detail }) => detail.name === 'app');
  const ids = new Set(events.map(({ id }) => id));
  assert.equal(ids.size, generation + 1, 'I4: each generation has an event, with the same id on repeats');
  assert.equal(failpoints.hasFired, fault !== undefined);
  return failpoints.calls;
}

describe('a composed source that is cut off anywhere', () => {
  test('without a fault takes the steps there are', async () => {
    const calls = await runWith();
    for (const step of ['store take lib/a', 'store create app.yaml', 'store commit'])
      assert.ok(calls.includes(step), `${step} in ${calls.join(', ')}`);
  });

  for (const mode of MODES)
    test(`recovers from one fault in any call: ${mode}`, async () => {
      const calls = await runWith();
      for (const at of calls.keys())
        await runWith({ at, mode }).catch((cause: unknown) => {
          throw new Error(`${calls[at]}: ${String(cause)}`, { cause });
        });
    });

  test('is woken by the next look at the part, where a kill came between its commit and the wake', async () => {
    const world = openComposed(['base', 'lib'], APP);
    await land(world, { base: BASE, lib: { a: '1' } });
    world.push('lib', { a: '2' });
    const failing = { emit: async () => Promise.reject(new Error('killed')) };
    await world.lookAt('lib', { deps: { bus: failing } });
    assert.deepEqual(world.woken, []);
    assert.equal((await world.lookAt('lib')).outcome, 'unchanged');
    assert.deepEqual(await world.settle(), ['web/app']);
    assert.equal((await world.filesOf('app'))['lib/a'], '2');
  });
});
