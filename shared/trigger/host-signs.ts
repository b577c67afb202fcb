import type { LandfallError } from '../errors.ts';

/** What a reconcile says of its host while it runs: whether it waits for it, and whether it hears from it. */
export interface HostSigns {
  /** Set where the host is known not to answer: the reconcile is to fail with this, and asks nothing. */
  readonly known: LandfallError | undefined;
  /** Something was asked; each time followed by `settled`. */
  asked(): void;
  settled(): void;
  /** A sign of life: an answer, whatever it says, or some bytes of one. */
  heard(): void;
  /** The host did not answer. */
  unheard(error: LandfallError): void;
}
