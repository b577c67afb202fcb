/** How long a registry that does not answer HEAD is asked by GET alone: it may be mended, and a GET may count as a pull. */
export const HEAD_AGAIN_MS = 60 * 60 * 1000;

/** What a refusal of HEAD says: that it is not done here, or that something went wrong, which may pass. */
export type HeadRefusal = 'certain' | 'passing';

const WEIGHT: Readonly<Record<HeadRefusal, number>> = { certain: 2, passing: 1 };
const ENOUGH = 2;

/**
 * Whether a registry answers HEAD. What passes by itself counts when it happens twice in a row, and nothing counts
 * until a GET has come through: an outage is not held against HEAD.
 */
export class HeadHabit {
  #refusals = 0;
  #unconfirmed: { readonly what: string; readonly weight: number } | undefined;
  #until = 0;

  /** HEAD is not worth a request now. */
  isRefused(now: number): boolean {
    return now < this.#until;
  }

  answered(): void {
    this.#refusals = 0;
    this.#unconfirmed = undefined;
  }

  /** @param what the manifest that was asked for: who may not have one says nothing of HEAD for others */
  refused(what: string, refusal: HeadRefusal): void {
    this.#unconfirmed = { what, weight: WEIGHT[refusal] };
  }

  /** A GET of the same was answered. */
  gotInstead(what: string, now: number): void {
    if (this.#unconfirmed?.what !== what) return;
    this.#refusals += this.#unconfirmed.weight;
    this.#unconfirmed = undefined;
    if (this.#refusals < ENOUGH) return;
    this.#refusals = 0;
    this.#until = now + HEAD_AGAIN_MS;
  }
}
