import type { CallOptions } from '../shared/kernel/call-options.ts';
import type { Bus, EventEnvelope } from '../shared/model/envelope.ts';
import { formatSourceId } from '../shared/model/ids.ts';
import { composedByPart } from '../shared/source/composed/composed.ts';
import type { Source } from '../shared/source/source.ts';
import { enqueueSources, type TriggerQueue } from '../shared/trigger/queue.ts';

export interface WakeComposedDeps {
  /** In force now. */
  readonly sources: () => readonly Source[];
  readonly queue: TriggerQueue;
}

type Wake = (events: readonly EventEnvelope[], options?: CallOptions) => Promise<void>;

/**
 * Asks for a reconcile of whatever is composed of a source that has a new revision. It is told by the event, which stays
 * in the outbox until this has succeeded: a worker that is killed in between is followed by one that sends both again.
 */
export function composedWaker({ sources, queue }: WakeComposedDeps): Wake {
  let known:
    | { readonly of: readonly Source[]; readonly byPart: ReadonlyMap<string, readonly Source[]> }
    | undefined;
  return async (events, options) => {
    const of = sources();
    if (known?.of !== of) known = { of, byPart: composedByPart(of) };
    const { byPart } = known;
    const composed = events
      .filter((event) => event['detail-type'] === 'Artifact Revision Changed')
      .flatMap(({ detail }) => byPart.get(formatSourceId(detail)) ?? [])
      .filter(({ suspend }) => !suspend);
    await enqueueSources(composed, 'schedule', queue, options);
  };
}

/** A bus that wakes what is composed of the sources whose events it has taken. */
export const wakingBus = (bus: Bus, wake: Wake): Bus => ({
  emit: async (events, options) => {
    await bus.emit(events, options);
    await wake(events, options);
  },
});
