import type { CallOptions } from '../../kernel/call-options.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import { startDeadline } from '../../kernel/deadline.ts';
import { MiB, REVOCATION_LIST_BYTES, REVOCATION_LIST_MS } from '../../limits.ts';
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
}

/** Lists that were read, by URL, until the next one comes; the one that was read first goes first. */
const kept = new Map<string, Kept>();

function keep(key: string, list: RevocationList, bytes: number): void {
  kept.delete(key);
  let total = bytes;
  for (const each of kept.values()) total += each.bytes;
  for (const [name, each] of kept) {
    if (total <= KEPT) break;
    kept.delete(name);
    total -= each.bytes;
  }
  if (total <= KEPT) kept.set(key, { list, bytes });
}

/**
 * The list at a URL, over http as authorities have them, as it is signed; one that counts is kept.
 * @throws Error where it cannot be read; LandfallError ADDRESS_DENIED, CANCELLED
 */
export async function readRevocationList(request: ListRequest): Promise<RevocationList> {
  const { url: text, local, env, now, check, signal } = request;
  const key = `${local} ${text}`;
  const before = kept.get(key);
  const until = before?.list.nextUpdate;
  if (before !== undefined && until !== undefined && now <= until) {
    check(before.list);
    return before.list;
  }
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
    const list = parseRevocationList(bytes);
    check(list);
    keep(key, list, bytes.length);
    return list;
  } catch (error) {
    throwIfCancelled('the look for revoked certificates', signal);
    throw deadline.signal.aborted ? deadline.signal.reason : error;
  }
}
