import { pruneReport, write } from '../../functions/report.ts';
import type { DeployKinds } from '../../shared/deploy/kinds/deploy-kinds.ts';
import { type LedgerId, readLedger } from '../../shared/deploy/ledger/ledger.ts';
import { type PruneOutcome, pruneDeploy } from '../../shared/deploy/prune.ts';
import type { DeployDeps } from '../../shared/deploy/visit/deploy-request.ts';
import { isForSource } from '../../shared/deploy/wanted.ts';
import { asLandfallError } from '../../shared/errors.ts';
import { BACKOFF, backoffMs } from '../../shared/kernel/backoff.ts';
import type { Log } from '../../shared/log.ts';
import { formatSourceId } from '../../shared/model/ids.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';
import { DEPLOYS_PREFIX, parseLedgerKey } from '../../shared/store/layout.ts';

export interface PruneDeploysDeps extends DeployDeps {
  readonly kinds: DeployKinds;
  readonly bucket: string;
  readonly prefix?: string | undefined;
  readonly entries: () => readonly DeployEntry[];
  /** Of what fails for the moment; absent: for ever. */
  readonly tries?: number;
  readonly signal: AbortSignal;
  readonly log: Log;
}

const keyOf = ({ deploy, ...id }: LedgerId): string => `${deploy} ${formatSourceId(id)}`;

/** Takes away what deploys left that are in no document any more, where theirs said so. */
export class PruneDeploys {
  readonly #deps: PruneDeploysDeps;
  readonly #running = new Map<string, Promise<void>>();

  constructor(deps: PruneDeploysDeps) {
    this.#deps = deps;
  }

  /** Begins with each that is not under way here. @throws what the store throws */
  async enqueueAll(): Promise<void> {
    const { store, signal } = this.#deps;
    for await (const key of store.objects.list(DEPLOYS_PREFIX, { signal })) {
      const id = parseLedgerKey(key);
      if (id !== undefined) await this.enqueue(id);
    }
  }

  /** False: it is in a document, or there is nothing of it to take away. */
  async enqueue(id: LedgerId): Promise<boolean> {
    const { store, signal } = this.#deps;
    if (this.#isWanted(id)) return false;
    if (this.#running.has(keyOf(id))) return true;
    // What cannot be read is told of by fsck and by `get deploys`; nothing of it is taken away.
    const stored = await readLedger(store.objects, id.deploy, id, { signal }).catch(() => undefined);
    if (stored === undefined || stored.ledger.prunes === null) return false;
    const ended = this.#run(id).finally(() => this.#running.delete(keyOf(id)));
    this.#running.set(keyOf(id), ended);
    return true;
  }

  /** Resolves when none is under way. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  #isWanted({ deploy, ...id }: LedgerId): boolean {
    return this.#deps.entries().some((entry) => entry.name === deploy && isForSource(entry, id));
  }

  /** Until it has ended; a deploy that came back meanwhile is left to go on. */
  async #run(id: LedgerId): Promise<void> {
    const { signal, clock, tries = Number.POSITIVE_INFINITY } = this.#deps;
    let fails = 0;
    while (!signal.aborted && !this.#isWanted(id)) {
      const outcome = await this.#look(id);
      const passes = outcome.outcome === 'failed' && outcome.error.kind === 'transient';
      if (outcome.outcome !== 'again' && !passes) return;
      fails = passes ? fails + 1 : 0;
      if (fails >= tries) return;
      const waitMs = outcome.outcome === 'again' ? outcome.waitMs : backoffMs(BACKOFF.deploy, fails);
      await clock.sleep(waitMs, signal).catch(() => undefined);
    }
  }

  async #look(id: LedgerId): Promise<PruneOutcome> {
    const { log, signal } = this.#deps;
    const { deploy, ...source } = id;
    const what = { deploy, source: formatSourceId(source) };
    const isWanted = (): boolean => this.#isWanted(id);
    const outcome = await pruneDeploy(id, this.#deps, { signal, isWanted }).catch(
      (error: unknown): PruneOutcome => ({ outcome: 'failed', error: asLandfallError(error) }),
    );
    if (outcome.outcome !== 'failed' || !signal.aborted) write(pruneReport(what, outcome), { log });
    return outcome;
  }
}
