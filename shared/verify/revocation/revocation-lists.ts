import type { CallOptions } from '../../kernel/call-options.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import { startDeadline } from '../../kernel/deadline.ts';
import { RecentFailures } from '../../kernel/recent-failures.ts';
import { MiB, REVOCATION_LIST_BYTES, REVOCATION_LIST_KEPT_MS, REVOCATION_LIST_MS } from '../../limits.ts';
import type { ProxyEnv } from '../../registry/http/proxy.ts';
import { readUrl } from '../../registry/http/read-url.ts';
import { parseRevocationList, type RevocationList } from './revocation-list.ts';

/** Kept at most: so many bytes of them. */
const KEPT = 16 * MiB;

export interface ListRequest extends CallOptions {
  readonly url: string;
  /** Whether it may be on a private or loopback address. */
  readonly local: boolean;
  readonly env: ProxyEnv;
  readonly now: Date;
  /** Throws an Error where a list is none that counts: it is not kept then. */
  readonly check: (list: RevocationList) => void;
}

interface Kept {
  readonly list: RevocationList;
  readonly bytes: number;
  readonly readAt: number;
}

/** Lists that were read, by URL, until the next one comes, a day at the most; the one that was read first goes first. */
const kept = new Map<string, Kept>();
const failures = new RecentFailures();

function keep(key: string, { list, bytes, readAt }: Kept): void {
  kept.delete(key);
  let total = bytes;
  for (const each of kept.values()) total += each.bytes;
  for (const [name, each] of kept) {
    if (total <= KEPT) break;
    kept.delete(name);
    total -= each.bytes;
  }
  if (total <= KEPT) kept.set(key, { list, bytes, readAt });
}

/** One that is kept and counts for this certificate, too: else it is had anew, as the one that is there now may. */
function keptList(key: string, { now, check }: ListRequest): RevocationList | undefined {
  const before = kept.get(key);
  if (before === undefined) return undefined;
  const { list, readAt } = before;
  const isNew = now.getTime() < readAt + REVOCATION_LIST_KEPT_MS;
  if (isNew && list.nextUpdate !== undefined && now <= list.nextUpdate)
    try {
      check(list);
      return list;
    } catch {
      // What is read now says why.
    }
  kept.delete(key);
  return undefined;
}

async function fetchList({ url: text, local, env, now, signal }: ListRequest, key: string) {
  failures.rethrow(key, now.getTime());
  const url = URL.parse(text);
  if (url?.protocol !== 'http:') throw new Error('it is not reached over http');
  const late = (): Error => new Error(`no complete answer within ${REVOCATION_LIST_MS / 1000} s`);
  using deadline = startDeadline(REVOCATION_LIST_MS, late, { signal });
  try {
    const { bytes } = await readUrl(url, {
      maxBytes: REVOCATION_LIST_BYTES,
      accept: 'application/pkix-crl',
      local,
      env,
      signal: deadline.signal,
    });
    return { list: parseRevocationList(bytes), bytes: bytes.length };
  } catch (error) {
    throwIfCancelled('the look for revoked certificates', signal);
    const why: unknown = deadline.signal.aborted ? deadline.signal.reason : error;
    failures.add(key, why, now.getTime());
    throw why;
  }
}

/**
 * The list at a URL, over http as authorities have them, as it is signed; one that counts is kept, and for a minute why none is had.
 * @throws Error where it cannot be read; LandfallError ADDRESS_DENIED, CANCELLED
 */
export async function readRevocationList(request: ListRequest): Promise<RevocationList> {
  const { url, local, now, check } = request;
  const key = `${local} ${url}`;
  const before = keptList(key, request);
  if (before !== undefined) return before;
  const { list, bytes } = await fetchList(request, key);
  check(list);
  keep(key, { list, bytes, readAt: now.getTime() });
  return list;
}
