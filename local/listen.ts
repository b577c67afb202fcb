import { type ReceiveDeps, receive, refuseHead, reportUnread } from '../functions/receive.ts';
import { systemClock } from '../shared/clock.ts';
import type { Log } from '../shared/log.ts';
import type { CoalescingQueue } from '../shared/trigger/coalescing-queue.ts';
import { type HttpListener, startHttpListener } from '../shared/trigger/http-listener.ts';
import { LoggedOnce } from '../shared/trigger/logged-once.ts';
import { descriptorShares, openFilesLimit } from './descriptor-shares.ts';
import type { InForce } from './documents/configured.ts';
import type { Observer } from './observe/observer.ts';
import { reportReceived } from './report.ts';
import type { ServeFaults } from './serve-faults.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  /** Connections of one address, where it is a proxy's. */
  readonly perAddress?: number;
}

/** Takes webhooks where an address is given, within what files may be open. @throws LandfallError USAGE (address taken) */
export async function listen(
  { listen: address, log }: { readonly listen?: ListenAddress; readonly log: Log },
  {
    inForce,
    queue,
    faults,
    observer,
  }: {
    readonly inForce: InForce;
    readonly queue: CoalescingQueue;
    readonly faults: ServeFaults;
    readonly observer: Observer;
  },
): Promise<HttpListener | undefined> {
  if (address === undefined) return undefined;
  const logged = new LoggedOnce(systemClock);
  // Asked for each request: a changed document may have changed the receivers.
  const deps = (): ReceiveDeps => ({
    receivers: inForce.configured.receiverTable,
    sources: inForce.configured.matcher,
    queue,
    onReceived: (received) => {
      observer.received(received);
      reportReceived(log, received);
      reportUnread(log, received, logged);
    },
  });
  const { connections, perAddress } = descriptorShares(openFilesLimit(), { reconciles: 1, ...address });
  return startHttpListener(
    { ...address, connections, perAddress },
    {
      faults: () => faults.lines(),
      refuseHead: (webhook) => refuseHead(webhook, deps()),
      receive: (webhook) => receive(webhook, deps()),
    },
  );
}
