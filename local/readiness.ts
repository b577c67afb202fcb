import { formatSourceId, type SourceId } from '../shared/model/ids.ts';
import type { ReconcileOutcome } from '../shared/reconcile/deps.ts';

/** How every configured source stands after its last reconcile. */
export interface Readiness {
  readonly ready: number;
  readonly suspended: number;
  /** `namespace/name` of those whose last reconcile failed. */
  readonly notReady: readonly string[];
}

export interface ReadinessNotes {
  note(source: SourceId, outcome: ReconcileOutcome): void;
  verdict(): Readiness;
}

const isReady = (outcome: ReconcileOutcome | undefined): boolean =>
  outcome !== undefined && outcome.outcome !== 'failed' && outcome.outcome !== 'stalled';

/** One whose document is refused is never ready. */
export type Watched = SourceId & { readonly suspend?: boolean };

/** Keeps the last outcome of each source: what `serve --once` exits by. */
export function readinessOf(sources: () => readonly Watched[]): ReadinessNotes {
  const last = new Map<string, ReconcileOutcome>();
  return {
    note: (source, outcome) => void last.set(formatSourceId(source), outcome),
    verdict: () => {
      const suspended = sources().filter(
        (source) => source.suspend === true || last.get(formatSourceId(source))?.outcome === 'suspended',
      );
      const active = sources().filter((source) => !suspended.includes(source));
      const notReady = active.map(formatSourceId).filter((id) => !isReady(last.get(id)));
      return { ready: active.length - notReady.length, suspended: suspended.length, notReady };
    },
  };
}
