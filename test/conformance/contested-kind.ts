import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLAIM_MARGIN_MS } from '../../shared/deploy/ledger/claim.ts';
import type { DeployOutcome } from '../../shared/deploy/visit/deploy-request.ts';
import { VISIT_MS } from '../../shared/limits.ts';
import type { DeployEntry } from '../../shared/source/deploy-entry.ts';
import type { Gate } from '../support/simulation/simulation-ports.ts';
import { type KindSubject, type OpenKind, openHeld } from './deploy-kind.ts';

/** A target that somebody else is at, too. */
export interface ContestedSubject extends KindSubject {
  readonly others: {
    /** They change it; nothing where the target would not let them just then. */
    readonly act: () => void | Promise<void>;
    /** What the target has then. */
    readonly shows: string;
    /** Whether the target has what a deploy of it is for, though it may have more to do. Default: has what is current. */
    readonly isOurs?: () => boolean;
  };
}

const ENTRY = { name: 'app' } as DeployEntry;

/** Has somebody act right before the request with this number; counts all. */
class Meddler {
  readonly #at: number;
  readonly #act: () => void | Promise<void>;
  requests = 0;

  constructor(at: number, act: () => void | Promise<void>) {
    this.#at = at;
    this.#act = act;
  }

  readonly gate: Gate = async (_port, _call, effect) => {
    const at = this.requests;
    this.requests += 1;
    if (at === this.#at) await this.#act();
    return effect();
  };
}

const isFailedForGood = (outcome: DeployOutcome): boolean =>
  outcome.outcome === 'failed' && outcome.error.kind === 'permanent';

/**
 * A second operator at the target, at any moment of a run: it comes to what is current, or it ends for good with a reason
 * that a person can act on and leaves what they made. Never a third thing; and the next revision goes on from there.
 */
export function contestedKindSuite(name: string, open: OpenKind<ContestedSubject>): void {
  test(`${name}: somebody else who changes the target before any request is gone over, or left and told of`, async (t) => {
    let requests = 1;
    let times = 0;
    for (let at = 0; at < requests; at += 1) {
      const held = await openHeld(t, open);
      await held.drive(await held.land(1));
      const before = await held.current();
      let cameLater = false;
      const { act, shows, isOurs = held.isLevel } = held.others;
      const meddler = new Meddler(at, async () => {
        cameLater = await isOurs();
        await act();
        times += 1;
      });
      const outcome = await held.driveBy(await held.land(2), meddler.gate);
      requests = Math.max(requests, meddler.requests);
      const where = `before request ${at}: ${JSON.stringify(outcome)}`;
      const { failure, run, claim } = await held.world.ledger(ENTRY);
      assert.deepEqual([run, claim], [null, null], where);
      if (isFailedForGood(outcome)) {
        assert.ok([before, shows].includes(await held.current()), where);
        assert.match(String(failure?.message), /somebody|another|took over|newer/i, where);
        assert.ok(failure?.hint, where);
      } else {
        assert.ok(['applied', 'done-before'].includes(outcome.outcome), where);
        // Who comes once all is done is a drift, and no business of this run.
        assert.ok(cameLater || (await held.isLevel()), `${where}: ${await held.current()}`);
      }
      const next = await held.drive(await held.land(3));
      assert.equal(next.outcome, 'applied', `after ${where}: ${JSON.stringify(next)}`);
      assert.ok(await held.isLevel(), `after ${where}`);
    }
    assert.ok(times > 0);
  });
}

/** No invocation waits for a target longer than a minute, however long the deploy may take. */
export function shortVisitsSuite(name: string, open: OpenKind): void {
  test(`${name}: no visit of a run may take, or sleeps, longer than a minute`, async (t) => {
    const held = await openHeld(t, open);
    const visits: { readonly allowedMs: number; readonly sleptMs: number }[] = [];
    const { clock } = held.world;
    let began = clock.now();
    const gate: Gate = async (_port, _call, effect) => {
      const { claim } = await held.world.ledger(ENTRY);
      assert.ok(claim, 'no request without a claim');
      const allowedMs = Date.parse(claim.until) - Date.parse(claim.since ?? '');
      const result = await effect();
      visits.push({ allowedMs, sleptMs: clock.now() - began });
      return result;
    };
    const event = await held.land(1);
    await held.driveBy(event, gate, () => {
      began = clock.now();
    });
    assert.ok(visits.length > 0);
    // The margin is for another worker: by then the visit has been ended.
    for (const { allowedMs, sleptMs } of visits) {
      assert.ok(allowedMs <= VISIT_MS + CLAIM_MARGIN_MS, `may take ${allowedMs} ms`);
      assert.ok(sleptMs <= VISIT_MS, `slept ${sleptMs} ms`);
    }
  });
}
