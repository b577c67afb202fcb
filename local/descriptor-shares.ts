import { readFileSync } from 'node:fs';
import { WEBHOOK_CONNECTIONS, WEBHOOK_CONNECTIONS_PER_ADDRESS } from '../shared/limits.ts';

/** What a process has open before it does anything: the runtime, its streams, the store. */
const FOR_ITSELF = 32;
/** A reconcile's connection to the registry, one for a token, and the files that it writes. */
const FOR_A_RECONCILE = 4;

/** How many of each there may be at once. */
export interface DescriptorShares {
  readonly reconciles: number;
  readonly connections: number;
  readonly perAddress: number;
}

/** The limit of open files as it is now (`ulimit -n`); undefined where the system does not say. Node raises it to the hard one. */
export function openFilesLimit(): number | undefined {
  try {
    const line = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'));
    return line === null ? undefined : Number(line[1]);
  } catch {
    return undefined; // No /proc: not Linux. Then what is asked for is what there is.
  }
}

/** Shares out the descriptors there are, so that few of them make a process slow and not broken. Pure. */
export function descriptorShares(
  limit: number | undefined,
  asked: { readonly reconciles: number; readonly perAddress?: number },
): DescriptorShares {
  const { reconciles, perAddress = WEBHOOK_CONNECTIONS_PER_ADDRESS } = asked;
  if (limit === undefined) return { reconciles, connections: WEBHOOK_CONNECTIONS, perAddress };
  const free = Math.max(0, limit - FOR_ITSELF);
  const connections = Math.max(4, Math.min(WEBHOOK_CONNECTIONS, Math.floor(free / 4)));
  return {
    reconciles: Math.max(1, Math.min(reconciles, Math.floor(free / 2 / FOR_A_RECONCILE))),
    connections,
    perAddress:
      asked.perAddress === undefined ? Math.min(perAddress, Math.ceil(connections / 2)) : perAddress,
  };
}
