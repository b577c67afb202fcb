import type { Clock } from '../clock.ts';
import { decidedDigest } from '../model/used-revision.ts';
import type { WindowState } from '../source/deploy-window.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { RevisionFacts } from './ledger/ledger-changes.ts';
import type { LedgerWaiting } from './ledger/ledger-schema.ts';
import type { DeploySpec } from './visit/deployer.ts';

/** What keeps a deploy from beginning with a revision. */
export interface Hold {
  readonly for: LedgerWaiting['for'];
  /** For people: what it waits for, and what ends that. */
  readonly message: string;
  /** When to look again, in milliseconds since the epoch; null: time alone does not end it. */
  readonly next: number | null;
  /** Whoever decides wants to know what it would do. */
  readonly isPlanned: boolean;
}

export interface HoldFacts {
  readonly entry: DeploySpec;
  readonly ledger: Ledger;
  readonly current: RevisionFacts;
  /** Why what is current is not verified as it has to be: one line; undefined: it is. */
  readonly unverified: string | undefined;
  /** What it depends on has not: one line; undefined: it has. */
  readonly unmet: string | undefined;
  readonly windows: WindowState;
  readonly clock: Pick<Clock, 'now'>;
}

/** How often what a deploy depends on is looked at, should no event tell. */
const DEPENDENCY_LOOK_MS = 60_000;

const said = (by: string, at: string, reason: string | null): string =>
  `by ${by} at ${at}${reason === null ? '' : `: ${reason}`}`;

const plain = (what: Hold['for'], message: string, next: number | null = null): Hold => ({
  for: what,
  message,
  next,
  isPlanned: false,
});

/** The first of what keeps it: what only a person ends comes before what time ends. */
function byPeople({ entry, ledger, current, unverified, clock }: HoldFacts): Hold | undefined {
  const { name } = entry;
  if (entry.suspend === true)
    return plain(
      'suspended',
      entry.lacksCluster === true
        ? 'this machine has no cluster: set KUBECONFIG, or have ~/.kube/config'
        : 'suspended: take suspend out of its document',
    );
  const skipped = ledger.skipped.find(({ digest }) => digest === current.digest);
  if (skipped !== undefined)
    return plain(
      'skipped',
      `skipped until something newer comes, ${said(skipped.by, skipped.at, skipped.reason)}; landfall skip --undo takes it back`,
    );
  if (unverified !== undefined) return plain('verification', unverified, clock.now() + DEPENDENCY_LOOK_MS);
  if (entry.dryRun === true)
    return {
      ...plain('dryRun', 'only told what it would do: take dryRun out of its document'),
      isPlanned: true,
    };
  if (entry.approval !== 'required') return undefined;
  const { decision } = ledger;
  if (decision?.digest !== decidedDigest(current))
    return { ...plain('approval', `for an approval: landfall approve ${name}`), isPlanned: true };
  if (decision.decision === 'approved') return undefined;
  return plain('rejected', `rejected ${said(decision.by, decision.at, decision.reason)}`);
}

/** Whether a deploy may begin with a revision; undefined: it may. Pure. */
export function holdOf(facts: HoldFacts): Hold | undefined {
  const { unmet, windows, clock } = facts;
  const held = byPeople(facts);
  if (held !== undefined) return held;
  if (unmet !== undefined) return plain('dependency', unmet, clock.now() + DEPENDENCY_LOOK_MS);
  if (windows.isOpen) return undefined;
  const { next } = windows;
  const when = next === null ? 'none comes' : `the next opens ${new Date(next).toISOString()}`;
  return plain('window', `for a window: ${when}`, next);
}
