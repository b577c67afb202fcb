import { randomUUID } from 'node:crypto';
import { steadyNow } from '../../clock.ts';
import { LandfallError } from '../../errors.ts';
import { abortable } from '../../kernel/abortable.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import { startGrace } from '../../kernel/grace.ts';
import type { ArtifactId } from '../../model/ids.ts';
import { leasesPrefix } from './layout.ts';
import { listObjects, type S3Listed } from './read.ts';
import type { S3Root } from './root.ts';
import { deleteObjects, putObject } from './write.ts';

/**
 * Files of an artifact are put where readers will find them, before its record is. Several workers may do so at once:
 * they put the same, and none replaces what is there. Only deleting is dangerous, since one may count on a file that
 * another takes away. So who stages says so before the first file, who deletes says so before looking whether anyone
 * stages: with strongly consistent listings at least one of two sees the other. A deleter that sees a stager leaves
 * everything; a stager that sees a deleter waits until it is through.
 */
type LeaseKind = 'stage' | 'delete';

export interface Lease {
  readonly name: string;
  /** Rejects work that others may no longer respect. @throws LandfallError STORE_CONFLICT */
  assertHeld(): void;
  /** Safe twice. Where it is cut off, the lease ends by itself. */
  release(options?: CallOptions): Promise<void>;
}

/** Not renewed for so long, a lease counts as its holder's death. Both ends are told by S3's own clock. */
export const LEASE_MS = 2 * 60 * 1000;
const RENEW_MS = 30_000;
/** A holder gives up this long before others take it for dead. */
const MARGIN_MS = 30_000;
const DELETER_WAIT_MS = 250;
const DELETER_WAITS = 60;

class HeldLease implements Lease {
  readonly name: string;
  readonly #root: S3Root;
  readonly #key: string;
  readonly #stop = new AbortController();
  #renewedAt = 0;
  #renewing: Promise<void> = Promise.resolve();

  /** @param prefix of the leases that this one is among */
  constructor(root: S3Root, prefix: string, kind: LeaseKind) {
    this.name = `${kind}-${randomUUID()}`;
    this.#root = root;
    this.#key = `${prefix}${this.name}`;
  }

  async take(options: CallOptions): Promise<void> {
    await this.#put(options);
    this.#renewing = this.#renew();
  }

  assertHeld(): void {
    if (steadyNow(this.#root.clock) - this.#renewedAt < LEASE_MS - MARGIN_MS) return;
    throw new LandfallError('STORE_CONFLICT', `store: the lease ${this.#key} could not be renewed in time`, {
      hint: 'Run it again: others may have cleared away what was being staged.',
    });
  }

  async release({ signal }: CallOptions = {}): Promise<void> {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    // A renewal that came after would leave a lease that nobody holds.
    await abortable(this.#renewing, signal);
    await deleteObjects(this.#root, [this.#key], { signal });
  }

  async #put(options: CallOptions = {}): Promise<void> {
    const at = steadyNow(this.#root.clock);
    await putObject(this.#root, this.#key, new Uint8Array(), undefined, options);
    this.#renewedAt = at;
  }

  async #renew(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#root.clock.sleep(RENEW_MS, signal).catch(() => undefined);
      // A renewal that fails is tried again; assertHeld tells when that has gone on for too long.
      if (!signal.aborted) await this.#put().catch(() => undefined);
    }
  }
}

/** Marks, not leases: a run was at the artifact while another was. */
const TRACE = 'trace-';

interface Others {
  readonly stages: number;
  readonly deletes: number;
}

/** Live leases but for `mine`, as of now: S3's now, which is when it wrote the youngest of mine. */
async function othersOf(
  root: S3Root,
  prefix: string,
  mine: ReadonlySet<string>,
  options: CallOptions,
): Promise<Others> {
  const listed: S3Listed[] = [];
  for await (const lease of listObjects(root, prefix, options)) listed.push(lease);
  const isMine = ({ key }: S3Listed): boolean => mine.has(key.slice(prefix.length));
  const now = Math.max(0, ...listed.filter(isMine).map(({ lastModified }) => lastModified));
  const live = listed.filter((lease) => !isMine(lease) && now - lease.lastModified < LEASE_MS);
  const count = (kind: LeaseKind): number =>
    live.filter(({ key }) => key.slice(prefix.length).startsWith(kind)).length;
  return { stages: count('stage'), deletes: count('delete') };
}

/**
 * Says that files of an artifact are being staged; `alone`: nobody else was. Waits for one who is deleting there.
 * @throws LandfallError STORE_CONFLICT after 15 s of that
 */
export async function leaseStaging(
  root: S3Root,
  id: ArtifactId,
  options: CallOptions = {},
): Promise<{ readonly lease: Lease; readonly alone: boolean }> {
  const prefix = leasesPrefix(id);
  const { signal } = options;
  const lease = new HeldLease(root, prefix, 'stage');
  try {
    await lease.take(options);
    for (let wait = 1; ; wait += 1) {
      const { stages, deletes } = await othersOf(root, prefix, new Set([lease.name]), options);
      if (deletes === 0) return { lease, alone: stages === 0 };
      if (wait === DELETER_WAITS) throw deleterStays(id);
      await root.clock.sleep(DELETER_WAIT_MS, signal).catch(() => undefined);
      throwIfCancelled('wait for who deletes the artifact', signal);
    }
  } catch (error) {
    await releaseQuietly(lease, options);
    throw error;
  }
}

const deleterStays = ({ digest, variant }: ArtifactId): LandfallError =>
  new LandfallError(
    'STORE_CONFLICT',
    `store: somebody is deleting ${digest} ${variant} and does not finish`,
    {
      hint: `Run it again: after ${LEASE_MS / 1000} s it counts as dead.`,
    },
  );

export interface AloneOptions extends CallOptions {
  /** The asker's own, which does not count. */
  readonly own?: Lease | undefined;
}

/** The right to delete keys of an artifact; undefined: somebody else stages or deletes there. */
export const leaseDeletion = (
  root: S3Root,
  id: ArtifactId,
  options?: AloneOptions,
): Promise<Lease | undefined> => leaseAlone(root, leasesPrefix(id), options);

/** The one lease among those of a prefix; undefined: somebody else has one, and of two who ask at once both may get none. */
export async function leaseAlone(
  root: S3Root,
  prefix: string,
  { own, ...options }: AloneOptions = {},
): Promise<Lease | undefined> {
  const lease = new HeldLease(root, prefix, 'delete');
  try {
    await lease.take(options);
    const mine = new Set([lease.name, ...(own === undefined ? [] : [own.name])]);
    const { stages, deletes } = await othersOf(root, prefix, mine, options);
    if (stages + deletes === 0) return lease;
    await releaseQuietly(lease, options);
    return undefined;
  } catch (error) {
    await releaseQuietly(lease, options);
    throw error;
  }
}

/**
 * Left by a run that came while another was there, before it puts anything: should it fail and not be let to clear away
 * what it put, the other one knows that it has to look.
 */
export async function leaveTrace(root: S3Root, id: ArtifactId, options: CallOptions): Promise<void> {
  const key = `${leasesPrefix(id)}${TRACE}${randomUUID()}`;
  await putObject(root, key, new Uint8Array(), undefined, options);
}

/** For who has cleared everything away. */
export async function deleteTraces(root: S3Root, id: ArtifactId, options: CallOptions): Promise<void> {
  const traces: string[] = [];
  for await (const { key } of listObjects(root, `${leasesPrefix(id)}${TRACE}`, options)) traces.push(key);
  await deleteObjects(root, traces, options);
}

/** Whether nobody else has been at the artifact since the holder of `own` took it. */
export async function isUndisturbed(
  root: S3Root,
  id: ArtifactId,
  { own, ...options }: CallOptions & { readonly own: Lease },
): Promise<boolean> {
  const prefix = leasesPrefix(id);
  for await (const { key } of listObjects(root, prefix, options))
    if (key !== `${prefix}${own.name}`) return false;
  return true;
}

/** What was cut off may take this long to let go of a lease, so that the next one need not wait for its end. */
export const RELEASE_MS = 300;

/** For where something else is to be told: a lease that stays ends by itself. */
export async function releaseQuietly(lease: Lease, { signal }: CallOptions = {}): Promise<void> {
  using grace = signal && startGrace(signal, RELEASE_MS);
  await lease.release({ signal: grace?.signal }).catch(() => undefined);
}
