import type { Status } from '../../../shared/model/status.ts';
import type { Digest } from '../../../shared/oci/digest.ts';

/** A source when faults have stopped, and two of its ticks were taken. */
export interface Settled {
  readonly source: string;
  readonly status: Status | undefined;
  /** What its reference means; null: nothing. */
  readonly head: Digest | null;
  /** What is wrong with that. */
  readonly fault: string | undefined;
  /** What was counted, by the name of the metric. */
  readonly counts: ReadonlyMap<string, number>;
}

/** What is said of a head that cannot be landed, and what is counted. */
const WORDS: Readonly<Record<string, { readonly code: string; readonly counted: string }>> = {
  leaves: { code: 'PATH_REFUSED', counted: 'SourceStalled' },
  unsigned: { code: 'SIGNATURE_NOT_FOUND', counted: 'SourceFailed' },
  forged: { code: 'SIGNATURE_REFUSED', counted: 'SourceStalled' },
};

/**
 * When faults have stopped, status is at the registry's head within two ticks. Where that cannot be landed, status says why,
 * and metrics have counted it (I12).
 */
export function atTheHead({ source, status, head, fault, counts }: Settled): readonly string[] {
  if (head === null) {
    if (status?.skipped != null) return [];
    const isSaid = ['TAG_NOT_FOUND', 'NO_TAG_MATCHES', 'REPOSITORY_NOT_FOUND'].includes(
      status?.failure?.code ?? '',
    );
    return isSaid ? [] : [`I12: ${source} has no head, and says ${status?.failure?.code ?? 'nothing'} of it`];
  }
  if (status === undefined) return [`I11: ${source} has no status`];
  const unsent =
    status.outbox.length > 0 ? [`I4: ${source} still has ${status.outbox.length} events to send`] : [];
  if (fault === undefined) {
    const isThere = status.current?.digest === head || status.skipped?.digest === head;
    return [
      ...unsent,
      ...(isThere
        ? []
        : [`I11: ${source} is at ${status.current?.digest ?? 'nothing'}, and its head is ${head}`]),
      ...(status.failure === null
        ? []
        : [`I11: ${source} still says ${status.failure.code}: ${status.failure.message}`]),
    ];
  }
  if (status.skipped?.digest === head) return unsent;
  const { code, message, subject } = status.failure ?? { code: 'nothing', message: '', subject: '' };
  const wanted = WORDS[fault];
  return [
    ...unsent,
    ...(code === wanted?.code && `${message} ${subject}`.includes(head)
      ? []
      : [`I12: ${source} says ${code} ${message} of its head ${head}, which is ${fault}`]),
    ...((counts.get(wanted?.counted ?? '') ?? 0) > 0
      ? []
      : [`I12: nothing counted that ${source} is ${fault}`]),
  ];
}
