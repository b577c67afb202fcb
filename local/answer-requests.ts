import type { Log } from '../shared/log.ts';
import type { CoalescingQueue } from '../shared/trigger/coalescing-queue.ts';
import type { RunningDeploys } from './deploys/start-deploys.ts';
import type { Machine } from './machine.ts';
import { type Request, watchRequests } from './request-inbox.ts';
import type { ServeFaults } from './serve-faults.ts';

interface AnswerRequestsDeps {
  readonly queue: CoalescingQueue;
  readonly deploys: Pick<RunningDeploys, 'replay'>;
  readonly machine: Machine;
  readonly log: Log;
  readonly faults: ServeFaults;
}

/** Takes what `landfall reconcile` and `landfall replay` left in the inbox. */
export function answerRequests({ queue, deploys, machine, log, faults }: AnswerRequestsDeps): Promise<void> {
  const { root, held, signal, clock } = machine;
  const answer = ({ deploy, ...id }: Request): Promise<void> =>
    deploy === undefined ? queue.enqueue([{ ...id, trigger: 'request' }]) : deploys.replay({ ...id, deploy });
  const onFault = faults.noting('requests');
  return watchRequests(root, answer, { signal, clock, log, onFault, isHeld: held.isHeld });
}
