import type { Bus } from '../../shared/model/envelope.ts';
import type { TriggerQueue } from '../../shared/trigger/queue.ts';
import { sampleEvent } from '../event/samples.ts';
import type { Calls } from './ended-calls.ts';

export const BUS_CALLS: Calls<Bus> = {
  emit: (bus, options) => bus.emit([sampleEvent(1)], options),
};

export const QUEUE_CALLS: Calls<TriggerQueue> = {
  enqueue: (queue, options) =>
    queue.enqueue([{ namespace: 'web', name: 'site', trigger: 'webhook' }], options),
};
