import { LandfallError, messageOf } from '../../errors.ts';
import { abortable } from '../../kernel/abortable.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import { startDeadline } from '../../kernel/deadline.ts';
import { RecentFailures } from '../../kernel/recent-failures.ts';
import { TRUST_REFRESH_MS } from '../../limits.ts';
import { digestOf, hexOf } from '../../oci/digest.ts';
import { readTrustedRoot } from '../cosign/trusted-root.ts';
import type { RootText } from '../policy/default-root.ts';
import { PUBLIC_GOOD_MIRROR, type TufLocation } from '../policy/policy.ts';
import { readLocation } from '../policy/read-location.ts';
import type { TrustSources } from '../policy/trust-sources.ts';
import { type KeptRoot, parseKeptRoot } from './kept-root.ts';

/** A root that old is refreshed before something is verified by it. */
export const REFRESHED_EVERY_MS = 24 * 3_600_000;
/** What others may have refreshed is read again after that time. */
const REREAD_MS = 600_000;
/** A mirror that failed is left alone that long, while the root is good. */
const RETRY_MS = 300_000;
/** A document may name many. */
const KEPT = 16;

interface Held {
  readonly kept: KeptRoot;
  readonly version: string | undefined;
  readonly readAt: number;
  /** Why it could not be refreshed, and when that was. */
  readonly failed?: { readonly why: string; readonly at: number };
}

async function firstRoot({ tuf, root }: TufLocation, options: CallOptions): Promise<string> {
  if (root !== undefined) return (await readLocation(root, options)).text;
  if (tuf === PUBLIC_GOOD_MIRROR) {
    const { default: first } = await import('./public-good-tuf.json', { with: { type: 'json' } });
    return JSON.stringify(first);
  }
  throw new LandfallError(
    'CONFIG_INVALID',
    `verify: trustedRoot of TUF at ${tuf} has no root to begin with`,
    {
      hint: 'Give the root.json that this mirror is known by: trustedRoot: { tuf: URL, root: { file: root.json } }.',
    },
  );
}

/** Trusted roots by TUF: those that are kept, and what refreshes them. One for each process. */
class TufRoots {
  readonly #sources: TrustSources;
  readonly #held = new Map<string, Held>();
  readonly #coming = new Map<string, Promise<Held>>();
  readonly #failures = new RecentFailures();
  /** Versions of what is kept and cannot be read: to be replaced. */
  readonly #unread = new Map<string, string>();

  constructor(sources: TrustSources) {
    this.#sources = sources;
  }

  /** What is kept, whatever its age: asked by every look at a source. Had from the mirror where nothing is kept. */
  async known(location: TufLocation, options: CallOptions): Promise<RootText> {
    const { name, first } = await this.#nameOf(location, options);
    const held = (await this.#read(name, options)) ?? (await this.#refresh(name, location, first, options));
    return this.#toText(held, location);
  }

  /**
   * The newest, as something is to be verified by it.
   * @throws LandfallError TRUST_UNAVAILABLE where it ran out and cannot be refreshed
   */
  async newest(location: TufLocation, options: CallOptions): Promise<RootText> {
    const { name, first } = await this.#nameOf(location, options);
    const held = await this.#read(name, options);
    const now = this.#sources.clock.now();
    const isGood = held !== undefined && now < Date.parse(held.kept.until);
    const isLeft = held?.failed !== undefined && now < held.failed.at + RETRY_MS;
    if (isGood && (isLeft || now < Date.parse(held.kept.refreshedAt) + REFRESHED_EVERY_MS))
      return this.#toText(held, location);
    try {
      return this.#toText(await this.#refresh(name, location, first, options), location);
    } catch (error) {
      throwIfCancelled('the refresh of a trusted root', options.signal);
      if (!isGood) throw error;
      const why = messageOf(error);
      const kept = { ...held, failed: { why, at: now } };
      this.#held.set(name, kept);
      return this.#toText(kept, location);
    }
  }

  /** By the mirror and by what is trusted to begin with: another one of either begins anew. */
  async #nameOf(location: TufLocation, options: CallOptions) {
    const first = await firstRoot(location, options);
    return { first, name: hexOf(digestOf(`${location.tuf}\n${digestOf(first)}`)).slice(0, 32) };
  }

  async #read(name: string, options: CallOptions): Promise<Held | undefined> {
    const { kept: store, clock } = this.#sources;
    const held = this.#held.get(name);
    if (store === undefined || (held !== undefined && clock.now() < held.readAt + REREAD_MS)) return held;
    const stored = await store.read(name, options);
    const kept = stored && parseKeptRoot(stored.bytes);
    if (stored !== undefined && kept === undefined) this.#unread.set(name, stored.version);
    else this.#unread.delete(name);
    if (kept === undefined) return held;
    return this.#hold(name, { kept, version: stored?.version, readAt: clock.now() });
  }

  #hold(name: string, held: Held): Held {
    if (this.#held.size >= KEPT) this.#held.clear();
    this.#held.set(name, held);
    return held;
  }

  /** One at a time, however many ask; whoever gives up leaves it to the others. */
  #refresh(name: string, location: TufLocation, first: string, { signal }: CallOptions): Promise<Held> {
    const coming =
      this.#coming.get(name) ??
      this.#ask(name, location, first).finally(() => {
        this.#coming.delete(name);
      });
    this.#coming.set(name, coming);
    return abortable(coming, signal);
  }

  /** A mirror that just failed is not waited for again: looks at other sources would wait behind it. */
  async #ask(name: string, location: TufLocation, first: string): Promise<Held> {
    const { clock, env, kept: store } = this.#sources;
    this.#failures.rethrow(name, clock.now());
    const before = this.#held.get(name);
    const late = (): Error => new Error(`no complete answer within ${TRUST_REFRESH_MS / 1000} s`);
    using deadline = startDeadline(TRUST_REFRESH_MS, late);
    const { signal } = deadline;
    try {
      const { refreshRoot } = await import('./refresh-root.ts');
      const known = { first, before: before?.kept };
      const kept = await abortable(
        refreshRoot(location, known, { env, signal, now: new Date(clock.now()) }),
        signal,
      );
      readTrustedRoot(kept.text, location.tuf);
      // The library goes by the machine's own time.
      if (Date.parse(kept.until) <= clock.now())
        throw new Error(`the newest there is ran out at ${kept.until}`);
      const bytes = Buffer.from(`${JSON.stringify(kept)}\n`);
      const replaced = this.#unread.get(name) ?? before?.version;
      const version = await store?.write(name, bytes, replaced, { signal });
      this.#unread.delete(name);
      return this.#hold(name, { kept, version, readAt: clock.now() });
    } catch (cause) {
      const why = messageOf(cause);
      const ran = before === undefined ? '' : `, and what is kept ran out at ${before.kept.until}`;
      const error = new LandfallError(
        'TRUST_UNAVAILABLE',
        `verify: the trusted root of ${location.tuf} cannot be refreshed${ran}: ${why}`,
        { cause, hint: 'Let it be reached, or give a trusted_root.json as trustedRoot: { file: PATH }.' },
      );
      this.#failures.add(name, error, clock.now());
      throw error;
    }
  }

  #toText({ kept, failed }: Held, location: TufLocation): RootText {
    const { text, refreshedAt, until } = kept;
    const since = failed === undefined ? '' : `, not since (${failed.why})`;
    return {
      text,
      where: `${location.tuf} by TUF, refreshed ${refreshedAt}, good until ${until}${since}`,
      digest: digestOf(text),
      newest: (options) => this.newest(location, options),
    };
  }
}

const opened = new WeakMap<TrustSources, TufRoots>();

/** A root by TUF as it is known. @throws LandfallError CONFIG_INVALID, CONFIG_UNREADABLE, TRUST_UNAVAILABLE */
export function tufRoot(
  location: TufLocation,
  sources: TrustSources,
  options: CallOptions,
): Promise<RootText> {
  const roots = opened.get(sources) ?? new TufRoots(sources);
  opened.set(sources, roots);
  return roots.known(location, options);
}
