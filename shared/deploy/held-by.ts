import type { Clock } from '../clock.ts';
import type { Digest } from '../oci/digest.ts';
import type { WindowState } from '../source/deploy-window.ts';
import { type Hold, holdOf } from './holds.ts';
import type { Ledger } from './ledger/ledger.ts';
import { unverified } from './unverified.ts';
import type { WantedRevision } from './used-sources.ts';
import type { DeployDeps, DeployRequest } from './visit/deploy-request.ts';

/** Whether the windows of a deploy let it begin now. Their times are read by who has some. */
export async function windowsNow(
  { windows = [] }: Pick<DeployRequest['deploy'], 'windows'>,
  clock: Pick<Clock, 'now'>,
): Promise<WindowState> {
  if (windows.length === 0) return { isOpen: true };
  const { windowState } = await import('../source/deploy-window.ts');
  return windowState(windows, clock.now());
}

/** What keeps a deploy from beginning with what is current; undefined: nothing. */
export async function heldBy(
  { deploy: entry, signal }: Pick<DeployRequest, 'deploy' | 'signal'>,
  {
    ledger,
    current,
    missing,
    unverified: used,
    policy,
  }: {
    readonly ledger: Ledger;
    readonly current: WantedRevision;
    readonly missing: string | undefined;
    /** Why one that it uses is not verified as it has to be. */
    readonly unverified: string | undefined;
    /** Digest of what its source has to meet; null: nothing. */
    readonly policy: Digest | null;
  },
  { store, clock, isFor }: Pick<DeployDeps, 'store' | 'clock' | 'isFor'>,
): Promise<Hold | undefined> {
  const { dependsOn = [] } = entry;
  const { generation, uses } = current;
  const dependent = { dependsOn, source: ledger, generation, uses };
  const known = { store, ...(isFor !== undefined && { isFor }) };
  const awaited = missing === undefined ? undefined : `for ${missing}, which has landed nothing`;
  const unmet =
    awaited ??
    (dependsOn.length === 0
      ? undefined
      : await (await import('./dependencies.ts')).unmetDependency(dependent, known, { signal }));
  const state = await windowsNow(entry, clock);
  const why = unverified({ entry, source: ledger, current, policy }) ?? used;
  return holdOf({ entry, ledger, current, unverified: why, unmet, windows: state, clock });
}
