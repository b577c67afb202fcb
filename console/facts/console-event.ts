import type { DetailType } from '../../shared/model/detail-type.ts';
import type { EventEnvelope } from '../../shared/model/envelope.ts';
import type { SourceId } from '../../shared/model/ids.ts';
import { signersTold } from './signers.ts';
import type { Snapshot } from './snapshot.ts';

/** What is kept of an event: what its row and the charts need. */
export interface ConsoleEvent {
  readonly time: string;
  readonly type: DetailType;
  readonly source: SourceId;
  readonly deploy: string | null;
  readonly revision: string | null;
  /** Null: nobody was asked for, or the event does not say. */
  readonly signers: string | null;
  /** Of a deploy that ended. */
  readonly durationMs: number | null;
}

/** As it is in the log. */
export function consoleEvent({ time, detail, 'detail-type': type }: EventEnvelope): ConsoleEvent {
  const { namespace, name, revision } = detail;
  return {
    time,
    type,
    source: { namespace, name },
    deploy: 'deploy' in detail ? detail.deploy : null,
    revision: revision ?? null,
    signers: 'verification' in detail ? signersTold(detail.verification) : null,
    durationMs: 'durationMs' in detail ? detail.durationMs : null,
  };
}

const NOTHING = { deploy: null, revision: null, signers: null, durationMs: null };

/**
 * What statuses and ledgers still say of what happened, oldest first: each revision they have, and the last success and
 * failure. For a store whose events go to a bus and are nowhere kept.
 */
export function rememberedEvents({ sources, deploys }: Snapshot, last: number): readonly ConsoleEvent[] {
  const landed = [...sources.values()].flatMap(({ id, revisions, failedSince }) => [
    ...revisions.map(
      ({ committedAt, revision, signers }): ConsoleEvent => ({
        ...NOTHING,
        time: committedAt,
        type: 'Artifact Revision Changed',
        source: id,
        revision,
        signers,
      }),
    ),
    ...(failedSince === null
      ? []
      : [{ ...NOTHING, time: failedSince, type: 'Source Reconcile Failed' as const, source: id }]),
  ]);
  const deployed = deploys.flatMap(({ id, applied, failedAt, signers }): readonly ConsoleEvent[] => {
    const of = { ...NOTHING, source: { namespace: id.namespace, name: id.name }, deploy: id.deploy };
    const failed = failedAt === null ? [] : [{ ...of, time: failedAt, type: 'Deploy Failed' as const }];
    if (applied === null) return failed;
    const { at, revision } = applied;
    return [{ ...of, time: at, type: 'Deploy Succeeded', revision, signers }, ...failed];
  });
  return [...landed, ...deployed].toSorted((a, b) => Date.parse(a.time) - Date.parse(b.time)).slice(-last);
}
