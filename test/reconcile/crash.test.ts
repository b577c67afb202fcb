import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Simulation } from '../support/simulation/simulation.ts';
import { checkAlways, checkQuiet, checkSettled } from '../support/simulation/simulation-check.ts';
import { Failpoints, type Fault, MODES, type Mode } from '../support/simulation/simulation-faults.ts';

/** What is pushed, one after the other: good, good, refused, good. */
const PUSHES = [true, true, false, true];

async function tick(simulation: Simulation, failpoints: Failpoints): Promise<void> {
  await failpoints.run((gate) => simulation.tick(gate));
  await checkAlways(simulation);
}

/** Two looks without faults are all it may take. */
async function settle(simulation: Simulation): Promise<void> {
  for (let look = 0; look < 2; look += 1) await new Failpoints().run((gate) => simulation.tick(gate));
  await checkSettled(simulation);
}

/** Each generation is applied once, and once more for each fault that could have hidden that it was. */
function checkApplied({ applied, observer }: Simulation, faults: number): void {
  const generations = new Set(applied);
  assert.equal(generations.size, observer.revisions.length, 'I6: every generation is applied');
  assert.ok(applied.length <= generations.size + faults, `I6: applied ${applied.join(', ')}`);
}

/** Lands everything that is pushed while one call goes wrong; gives back the calls there were. */
async function runWith(fault?: Fault): Promise<readonly string[]> {
  const simulation = new Simulation();
  const failpoints = new Failpoints(fault);
  for (const isGood of PUSHES) {
    simulation.push(isGood);
    const hadFired = failpoints.hasFired;
    await tick(simulation, failpoints);
    if (failpoints.hasFired && !hadFired) await settle(simulation);
    await checkSettled(simulation);
  }
  assert.equal(failpoints.hasFired, fault !== undefined);
  checkApplied(simulation, fault === undefined ? 0 : 1);
  await checkQuiet(simulation);
  return failpoints.calls;
}

/** One piece of work, and what has to be there before it begins. */
interface Piece {
  readonly name: string;
  /** Pushed and settled before. */
  readonly before: readonly boolean[];
  readonly work: (simulation: Simulation, failpoints: Failpoints) => Promise<void>;
}

const look = (isGood: boolean): Piece['work'] => {
  return async (simulation, failpoints) => {
    if (simulation.pushed.length < 2) simulation.push(isGood);
    await failpoints.run((gate) => simulation.look(gate));
  };
};

const PIECES: readonly Piece[] = [
  { name: 'landing a revision', before: [true], work: look(true) },
  { name: 'refusing a revision', before: [true], work: look(false) },
  {
    name: 'deploying a revision',
    before: [],
    work: async (simulation, failpoints) => {
      if (simulation.pushed.length === 0) {
        simulation.push();
        await new Failpoints().run((gate) => simulation.look(gate));
      }
      const [event] = simulation.undelivered;
      if (event !== undefined) await failpoints.run((gate) => simulation.deliver(gate, event));
    },
  },
];

/** Two faults: the second strikes while the first is recovered from. Says whether each struck. */
async function runWithTwo({ before, work }: Piece, first: Fault, second: Fault): Promise<readonly boolean[]> {
  const simulation = new Simulation({});
  for (const isGood of before) {
    simulation.push(isGood);
    await new Failpoints().run((gate) => simulation.tick(gate));
  }
  const points = [new Failpoints(first), new Failpoints(second)];
  for (const failpoints of points) {
    await work(simulation, failpoints);
    await checkAlways(simulation);
  }
  await settle(simulation);
  checkApplied(simulation, 2);
  return points.map(({ hasFired }) => hasFired);
}

/** Every pair of calls of the two runs, in these modes. */
async function runPairs(piece: Piece, [mode, recoveryMode]: readonly [Mode, Mode]): Promise<number> {
  let pairs = 0;
  for (let at = 0, fired = true; fired; at += 1) {
    for (let again = 0, firedAgain = true; fired && firedAgain; again += 1) {
      const faults: readonly [Fault, Fault] = [
        { at, mode },
        { at: again, mode: recoveryMode },
      ];
      [fired = false, firedAgain = false] = await runWithTwo(piece, ...faults).catch((cause: unknown) => {
        throw new Error(`${piece.name}, ${JSON.stringify(faults)}: ${String(cause)}`, { cause });
      });
      pairs += 1;
    }
  }
  return pairs;
}

describe('a reconcile that is cut off anywhere', () => {
  test('without a fault takes the steps there are', async () => {
    const calls = await runWith();
    assert.ok(calls.length > 100, `${calls.length} calls`);
  });

  for (const mode of MODES) {
    test(`recovers from one fault in any call: ${mode}`, async () => {
      const calls = await runWith();
      for (const [at, call] of calls.entries()) {
        await runWith({ at, mode }).catch((cause: unknown) => {
          throw new Error(`${mode} call ${at}, ${call}: ${String(cause)}`, { cause });
        });
      }
    });
  }

  // A call that fails or dies before its effect is the one before it that fails or dies after: two modes say most.
  const modes: readonly (readonly [Mode, Mode])[] =
    process.env['LANDFALL_SIMULATION'] === 'full'
      ? MODES.flatMap((first) => MODES.map((second) => [first, second] as const))
      : [
          ['throw after', 'throw after'],
          ['kill after', 'kill after'],
        ];
  for (const piece of PIECES) {
    test(`recovers from a second fault in any call of the recovery: ${piece.name}`, async () => {
      let pairs = 0;
      for (const pair of modes) pairs += await runPairs(piece, pair);
      assert.ok(pairs > modes.length * 30, `${pairs} pairs`);
    });
  }
});
