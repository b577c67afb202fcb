import type { TriggerQueue } from '../../../shared/trigger/queue.ts';
import type { Life } from '../engine/scheduler.ts';

/** Where the functions run: on AWS, or in one process of one machine. */
export interface Platform {
  /** Looking whether an artifact is there costs nothing. */
  readonly isNear: boolean;
  /** Begins what is due by now. */
  begin(): void;
  /** When something is due that no timer tells of. */
  nextAt(): number;
  /** Nothing can begin now. */
  isIdle(): boolean;
  /** Deploys are others than they were: they are looked at, and what is gone is taken away. */
  documentsChanged(): void;
  /** The target of a deploy has told of itself. */
  wake(deploy: string): void;
  /** Where triggers of a process that is none of the platform's own go. */
  queueFor(life: Life): TriggerQueue;
}
