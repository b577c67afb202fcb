import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLandfallError } from '../../shared/errors.ts';
import { InProcessBus } from '../../shared/event/in-process-bus.ts';
import { MemoryBus } from '../../shared/event/memory-bus.ts';
import type { EventEnvelope } from '../../shared/model/envelope.ts';
import { sampleEvent } from './samples.ts';

const idsOf = (events: readonly EventEnvelope[]): readonly string[] => events.map(({ id }) => id);
const two = [sampleEvent(1), sampleEvent(2)];

test('the log has an event before any subscriber does', async () => {
  const log = new MemoryBus();
  const bus = new InProcessBus(log);
  let logged: readonly string[] = [];
  const unsubscribe = bus.subscribe(() => {
    logged = idsOf(log.events);
  });
  await bus.emit([sampleEvent(1)]);
  assert.deepEqual(logged, [sampleEvent(1).id]);
  unsubscribe();
  await bus.emit([sampleEvent(2)]);
  assert.deepEqual(logged, [sampleEvent(1).id]);
});

test('a subscriber that fails stops no other, and the emitter learns of it', async () => {
  const log = new MemoryBus();
  const bus = new InProcessBus(log);
  const seen: string[] = [];
  bus.subscribe(() => {
    throw new Error('full');
  });
  bus.subscribe(({ id }) => void seen.push(id));
  await assert.rejects(bus.emit(two), (error) => isLandfallError(error) && error.code === 'EMIT_FAILED');
  assert.deepEqual(seen, idsOf(two));
  assert.equal(log.events.length, 2);
});

test('a log that takes nothing keeps subscribers out of it', async () => {
  const bus = new InProcessBus({ emit: () => Promise.reject(new Error('no')) });
  let calls = 0;
  bus.subscribe(() => {
    calls += 1;
  });
  await assert.rejects(bus.emit([sampleEvent(1)]));
  assert.equal(calls, 0);
});
