import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LandfallError } from '../../shared/errors.ts';
import {
  FAILING_AT_ONCE,
  HOST_SHARE,
  NEVER_HEARD_MS,
  PROBES_PER_SLOT,
  SILENT_MS,
  URGENT_SHARE,
} from '../../shared/trigger/host-turns.ts';
import { TIMED_OUT, TurnsBench } from './turns-bench.ts';

const names = (host: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `${host}/${at}`);

test('of a host that has not answered yet one reconcile asks; when it answers the others go, in order, up to its share', () => {
  const bench = new TurnsBench({ slots: 8 });
  bench.add(...names('a', 10));
  assert.deepEqual(bench.begin(), ['ordinary a/0']);
  bench.turn('a/0').heard();
  assert.deepEqual(bench.begin(), ['ordinary a/1', 'ordinary a/2', 'ordinary a/3']);
  assert.equal(8 * HOST_SHARE, 4);
  bench.end('a/2');
  assert.deepEqual(bench.begin(), ['ordinary a/4']);
});

test('a host that fills its share leaves slots to another', () => {
  const bench = new TurnsBench({ slots: 8 });
  bench.answering('a', 'b');
  bench.add(...names('a', 100), ...names('b', 2));
  assert.deepEqual(bench.begin(), [
    'ordinary a/0',
    'ordinary b/0',
    'ordinary a/1',
    'ordinary b/1',
    'ordinary a/2',
    'ordinary a/3',
  ]);
});

test('the schedule of others leaves slots to pushes and people, which go first at their own host, too', () => {
  const bench = new TurnsBench({ slots: 8 });
  bench.answering('a', 'b', 'c');
  bench.add(...names('a', 10), ...names('b', 10));
  assert.equal(bench.begin().length, 8 - 8 * URGENT_SHARE);
  bench.urgent('c/push', 'a/push');
  assert.deepEqual(bench.begin(), ['ordinary c/push', 'ordinary a/push']);
  bench.end('b/0');
  bench.end('a/0');
  bench.urgent('a/next');
  assert.deepEqual(bench.begin().slice(0, 1), ['ordinary a/next']);
});

test('looks that wait for a host without a sign of life give up their slots, and only one more asks it at a time', async () => {
  const bench = new TurnsBench({ slots: 4 });
  bench.answering('hole', 'well', 'other');
  bench.add(...names('hole', 5));
  assert.deepEqual(bench.begin(), ['ordinary hole/0', 'ordinary hole/1']);
  bench.turn('hole/0').asked();
  bench.turn('hole/1').asked();
  bench.add(...names('well', 9), ...names('other', 9));
  assert.deepEqual(bench.begin(), ['ordinary well/0']);
  await bench.pass(SILENT_MS);
  assert.equal(bench.frees, 0, 'not for as long yet');
  await bench.pass(SILENT_MS);
  assert.equal(bench.frees, 2);
  assert.deepEqual(bench.begin(), ['ordinary other/0', 'ordinary well/1']);
  bench.end('hole/0', TIMED_OUT);
  assert.deepEqual(
    bench.begin().filter((begun) => begun.includes('hole')),
    [],
    'one is still under way',
  );
});

// At a start all are hosts that have never answered: those that hang had every slot, and the others waited for ten seconds.
test('more hosts that hang than there are slots give them up to hosts that answer, two seconds after they began', async () => {
  const bench = new TurnsBench({ slots: 4 });
  const hosts = Array.from({ length: 9 }, (_, at) => `hole${at}`);
  bench.add(...hosts.map((host) => `${host}/x`), 'well/x');
  for (let round = 0; round < 3; round += 1) {
    for (const begun of bench.begin()) bench.turn(begun.split(' ')[1] ?? '').asked();
    await bench.pass(NEVER_HEARD_MS);
    await bench.pass(NEVER_HEARD_MS);
  }
  assert.deepEqual(bench.begin(), ['ordinary well/x']);
  assert.ok(6 * NEVER_HEARD_MS < 2 * SILENT_MS);
});

test('a host that has answered once keeps the time that it had', async () => {
  const bench = new TurnsBench({ slots: 4 });
  bench.answering('a');
  bench.add('a/0');
  bench.begin();
  bench.turn('a/0').asked();
  await bench.pass(2 * NEVER_HEARD_MS);
  assert.equal(bench.turn('a/0').hasSlot, true);
});

test('a reconcile that works, or hears something now and then, keeps its slot however long it takes', async () => {
  const bench = new TurnsBench({ slots: 2 });
  bench.add('a/works', 'b/hears');
  bench.begin();
  bench.turn('b/hears').asked();
  for (let count = 0; count < 10; count += 1) {
    bench.turn('b/hears').heard();
    await bench.pass(SILENT_MS);
  }
  assert.equal(bench.turn('a/works').hasSlot, true);
  assert.equal(bench.turn('b/hears').hasSlot, true);
});

test('a reconcile that waits for something that is not its host’s holds up none of its host', async () => {
  const bench = new TurnsBench({ slots: 8 });
  bench.add(...names('a', 3));
  assert.deepEqual(bench.begin(), ['ordinary a/0']);
  await bench.pass(NEVER_HEARD_MS - 1);
  assert.deepEqual(bench.begin(), []);
  await bench.pass(1);
  assert.equal(bench.frees, 1);
  assert.deepEqual(bench.begin(), ['ordinary a/1']);
  assert.equal(bench.turn('a/0').hasSlot, true, 'nobody knows what it does');
  bench.end('a/0');
  assert.deepEqual(bench.begin(), [], 'of an unknown host one at a time still');
  bench.end('a/1');
  assert.deepEqual(bench.begin(), ['ordinary a/2']);
});

test('a reconcile that holds up nobody is counted out once, however long it goes on', async () => {
  const bench = new TurnsBench({ slots: 8 });
  bench.add(...names('a', 3));
  bench.begin();
  await bench.pass(SILENT_MS);
  assert.deepEqual(bench.begin(), ['ordinary a/1']);
  bench.turn('a/1').asked();
  await bench.pass(SILENT_MS);
  assert.deepEqual(bench.begin(), [], 'a/1 asks, and a/0 is no other that has ended');
});

test('a probe that fails has the next one ask, and the others that waited fail with what is known, two at a time', () => {
  const bench = new TurnsBench({ slots: 8 });
  bench.add(...names('hole', 5));
  bench.begin();
  bench.turn('hole/0').asked();
  bench.end('hole/0', TIMED_OUT);
  assert.equal(FAILING_AT_ONCE, 2);
  assert.deepEqual(bench.begin(), ['probe hole/1', 'known hole/2', 'known hole/3']);
  assert.equal(bench.turn('hole/3').known, TIMED_OUT);
  assert.equal(bench.turn('hole/1').known, undefined);
  bench.end('hole/2');
  assert.deepEqual(bench.begin(), ['known hole/4']);
  for (const key of ['hole/3', 'hole/4']) bench.end(key);
  bench.add(...names('hole', 5).filter((key) => key !== 'hole/1'));
  assert.deepEqual(bench.begin(), [], 'the probe is under way');
  bench.end('hole/1', TIMED_OUT);
  assert.deepEqual(bench.begin(), ['probe hole/0', 'known hole/2', 'known hole/3']);
  assert.deepEqual(bench.facts, ['hole is silent, 4 wait']);
});

test('whoever waits for a silent host is let go in order when its probe is answered, pushes first; both are told once', () => {
  const bench = new TurnsBench({ slots: 8 });
  bench.silent('hole');
  bench.add('hole/0', 'hole/1', 'hole/2');
  bench.urgent('hole/push');
  assert.deepEqual(bench.begin(), ['probe hole/push']);
  assert.equal(bench.turn('hole/push').hasSlot, false);
  bench.turn('hole/push').heard();
  bench.turn('hole/push').heard();
  assert.equal(bench.turn('hole/push').hasSlot, true);
  assert.deepEqual(bench.begin(), ['ordinary hole/0', 'ordinary hole/1', 'ordinary hole/2']);
  assert.deepEqual(bench.facts, ['hole is silent, 0 wait', 'hole is back']);
});

test('a source that hangs alone does not have its neighbours fail: the next to ask is another', () => {
  const bench = new TurnsBench({ slots: 8 });
  bench.add('h/hangs', 'h/well');
  bench.begin();
  bench.end('h/hangs', TIMED_OUT);
  bench.add('h/hangs');
  assert.deepEqual(bench.begin(), ['probe h/well']);
  bench.turn('h/well').heard();
  assert.deepEqual(bench.begin(), ['ordinary h/hangs']);
  bench.end('h/well');
  bench.end('h/hangs', TIMED_OUT);
  bench.add('h/well');
  assert.deepEqual(bench.begin(), ['probe h/well']);
});

test('a reconcile that fails late, after its host was heard, says nothing of the host', () => {
  const bench = new TurnsBench({ slots: 8 });
  bench.add('a/slow', 'a/next');
  bench.begin();
  bench.turn('a/slow').heard();
  bench.end('a/slow', TIMED_OUT);
  assert.deepEqual(bench.begin(), ['ordinary a/next']);
  assert.deepEqual(bench.facts, []);
});

test('silent hosts without number neither take slots nor are asked without end', () => {
  const bench = new TurnsBench({ slots: 4 });
  const holes = Array.from({ length: 200 }, (_, at) => `hole${at}`);
  bench.silent(...holes);
  bench.answering('well');
  bench.add(...holes.map((host) => `${host}/x`), 'well/x');
  const begun = bench.begin();
  assert.equal(begun.filter((each) => each.startsWith('probe')).length, 4 * PROBES_PER_SLOT);
  assert.deepEqual(
    begun.filter((each) => each.startsWith('ordinary')),
    ['ordinary well/x'],
  );
  bench.end('hole0/x', TIMED_OUT);
  assert.equal(bench.begin().length, 1);
});

test('a probe that was answered counts as none, and as one again where it falls silent again', async () => {
  const bench = new TurnsBench({ slots: 2 });
  const most = 2 * PROBES_PER_SLOT;
  const holes = Array.from({ length: 3 * most }, (_, at) => `hole${at}`);
  bench.silent(...holes);
  bench.add(...holes.map((host) => `${host}/x`));
  assert.equal(bench.begin().length, most);
  const [first, second] = ['hole0/x', 'hole1/x'].map((key) => bench.turn(key));
  first?.asked();
  first?.heard();
  assert.equal(bench.begin().length, 1, 'another may be asked');
  await bench.pass(SILENT_MS);
  await bench.pass(SILENT_MS);
  second?.end();
  assert.equal(bench.begin().length, 0, 'the first waits without a slot again, and counts');
  first?.end();
  assert.equal(bench.begin().length, 1);
});

test('hosts that were met once are forgotten, but for a thousand', () => {
  const bench = new TurnsBench({ slots: 4 });
  for (let at = 0; at < 3_000; at += 1) bench.silent(`host${at}`);
  assert.ok(bench.turns.hosts <= 1_001, `${bench.turns.hosts}`);
});

test('every end gives back what was had: after any number of silences all slots are free', async () => {
  const bench = new TurnsBench({ slots: 4 });
  for (let round = 0; round < 20; round += 1) {
    bench.add(...names(`h${round % 3}`, 6), 'w/x');
    for (let begun = bench.begin(); begun.length > 0; begun = bench.begin()) {
      const keys = begun.map((each) => each.split(' ')[1] ?? '');
      for (const key of keys) bench.turn(key).asked();
      await bench.pass(SILENT_MS);
      for (const [at, key] of keys.entries()) {
        if ((at + round) % 2 === 0) bench.turn(key).heard();
        bench.turn(key).settled();
        bench.end(
          key,
          (at + round) % 3 === 0 ? new LandfallError('REGISTRY_UNREACHABLE', 'gone') : undefined,
        );
      }
    }
  }
  bench.answering('p', 'q');
  bench.urgent(...names('p', 4), ...names('q', 4));
  assert.equal(bench.begin().length, 4);
});
