import type { EventEnvelope, RevisionChangedEvent } from '../../../shared/model/envelope.ts';
import { recordKey } from '../../../shared/store/layout.ts';
import type { Invariant } from './seen.ts';

const isChanged = (event: EventEnvelope): event is RevisionChangedEvent =>
  event['detail-type'] === 'Artifact Revision Changed';

const sourceOf = ({ detail }: RevisionChangedEvent): string => `${detail.namespace}/${detail.name}`;

/**
 * Each generation comes with its event, the same whenever it is sent again; none speaks of what is not committed.
 * That every one is sent in the end is `everyGenerationTold`.
 */
export const eventsOfGenerations: Invariant = (seen) => [
  ...seen.emitted.filter(isChanged).flatMap((event) => faultsOf(event, seen)),
  ...seen.statusChanges.flatMap(({ key, before, after }) => {
    if (after === undefined || after.generation === (before?.generation ?? 0)) return [];
    const isTold = after.outbox.some(
      (event) =>
        isChanged(event) &&
        event.detail.generation === after.generation &&
        event.detail.digest === after.current?.digest,
    );
    return isTold ? [] : [`I4: ${key} became generation ${after.generation} without its event`];
  }),
];

function faultsOf(event: RevisionChangedEvent, seen: Parameters<Invariant>[0]): readonly string[] {
  const { generations, emittedBefore, emitted, objects } = seen;
  const { generation, digest } = event.detail;
  const source = sourceOf(event);
  const named = generations.find((each) => each.source === source && each.generation === generation);
  const first = [...emittedBefore, ...emitted]
    .filter(isChanged)
    .find((each) => sourceOf(each) === source && each.detail.generation === generation);
  const record = recordKeyOf(event, seen);
  return [
    ...(named?.digest === digest
      ? []
      : [`I4: event ${event.id} is of no generation ${generation} of ${source}`]),
    ...(JSON.stringify(first) === JSON.stringify(event)
      ? []
      : [`I4: event ${event.id} changed when it was sent again`]),
    ...(record !== undefined && !objects.has(record)
      ? [`I4: event ${event.id} is of ${digest}, which is not committed`]
      : []),
  ];
}

/** Only of what is named still: an event that comes again days later is of what was. */
function recordKeyOf(
  event: RevisionChangedEvent,
  { statuses }: Parameters<Invariant>[0],
): string | undefined {
  const { current } = statuses.get(sourceOf(event)) ?? {};
  return current?.generation === event.detail.generation ? recordKey(current) : undefined;
}

/** When faults have stopped: no generation is without its event. */
export const everyGenerationTold: Invariant = ({ generations, emittedBefore, emitted }) => {
  const told = new Set(
    [...emittedBefore, ...emitted]
      .filter(isChanged)
      .map((event) => `${sourceOf(event)} ${event.detail.generation}`),
  );
  return generations
    .filter(({ source, generation }) => !told.has(`${source} ${generation}`))
    .map(({ source, generation }) => `I4: nobody was told of generation ${generation} of ${source}`);
};
