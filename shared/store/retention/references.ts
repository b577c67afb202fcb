import { isLandfallError, type LandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { parseObject } from '../../kernel/json.ts';
import type { ArtifactId, SourceId } from '../../model/ids.ts';
import type { Status } from '../../model/status.ts';
import { type Digest, parseDigest } from '../../oci/digest.ts';
import { corruptDocument } from '../document.ts';
import { artifactPrefix, DEPLOYS_PREFIX, parseLedgerKey, statusKey } from '../layout.ts';
import type { ObjectStore, StoredObject } from '../object-store.ts';
import { listSources, parseStatus } from '../status-store.ts';

const DIGESTS = /sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}/g;

/** A status or ledger that is damaged: nobody can tell what it names, beside the digests that can still be made out. */
export interface Unreadable {
  readonly key: string;
  readonly version: string;
  readonly error: LandfallError;
}

/** What must stay: artifacts that a status names, and every variant of the digests that events and ledgers name. */
export interface References {
  readonly artifacts: ReadonlySet<string>;
  readonly digests: ReadonlySet<Digest>;
  readonly unreadable: readonly Unreadable[];
  /** Statuses that were looked at. */
  readonly sources: number;
  /** Of each document that was looked at, by key. */
  readonly versions: ReadonlyMap<string, string>;
}

const digestsIn = (text: string): readonly Digest[] => (text.match(DIGESTS) ?? []).map(parseDigest);

export const revisionsOf = ({ current, history }: Status): readonly ArtifactId[] =>
  current === null ? history : [current, ...history];

const LEDGER = {
  what: "a deploy's ledger",
  hint: 'Delete it: the deploy then applies what is current again.',
};

/** Adds what one document names; not what one names that is as it was `before`. */
class Reading {
  readonly artifacts = new Set<string>();
  readonly digests = new Set<Digest>();
  readonly unreadable: Unreadable[] = [];
  readonly versions = new Map<string, string>();
  sources = 0;
  readonly #before: References['versions'] | undefined;

  constructor(before: References['versions'] | undefined) {
    this.#before = before;
  }

  status(id: SourceId, stored: StoredObject): void {
    this.sources += 1;
    if (this.#isAsBefore(statusKey(id), stored)) return;
    try {
      const status = parseStatus(stored.bytes, id);
      for (const revision of revisionsOf(status)) this.artifacts.add(artifactPrefix(revision));
      this.#text(JSON.stringify(status.outbox));
    } catch (error) {
      if (!isLandfallError(error) || error.code !== 'STORE_CORRUPT') throw error;
      this.#damaged(statusKey(id), stored, error);
    }
  }

  /** As text: a directory deploy's link points into the artifact it names; what its other fields mean is its own business. */
  ledger(key: string, stored: StoredObject): void {
    if (this.#isAsBefore(key, stored)) return;
    if (parseObject(stored.bytes) === undefined)
      this.#damaged(key, stored, corruptDocument(LEDGER, key, 'it is not a JSON object'));
    else this.#text(Buffer.from(stored.bytes).toString('utf8'));
  }

  #isAsBefore(key: string, { version }: StoredObject): boolean {
    this.versions.set(key, version);
    return this.#before?.get(key) === version;
  }

  #damaged(key: string, { bytes, version }: StoredObject, error: LandfallError): void {
    this.unreadable.push({ key, version, error });
    this.#text(Buffer.from(bytes).toString('utf8'));
  }

  #text(text: string): void {
    for (const digest of digestsIn(text)) this.digests.add(digest);
  }
}

/**
 * Reads every status and ledger.
 * @param isForgotten statuses that are as good as gone
 * @param before of an earlier reading: only what documents name that have changed since is then told
 * @throws LandfallError STORE_VERSION, and what the store throws: what is only out of reach now may change meanwhile
 */
export async function readReferences(
  objects: ObjectStore,
  {
    isForgotten = () => false,
    before,
    signal,
  }: CallOptions & {
    readonly isForgotten?: (id: SourceId) => boolean;
    readonly before?: References['versions'];
  } = {},
): Promise<References> {
  const reading = new Reading(before);
  for await (const id of listSources(objects, { signal })) {
    if (isForgotten(id)) continue;
    const stored = await objects.get(statusKey(id), { signal });
    if (stored !== undefined) reading.status(id, stored);
  }
  for await (const key of objects.list(DEPLOYS_PREFIX, { signal })) {
    if (parseLedgerKey(key) === undefined) continue;
    const ledger = await objects.get(key, { signal });
    if (ledger !== undefined) reading.ledger(key, ledger);
  }
  return reading;
}

export const isReferenced = (id: ArtifactId, { artifacts, digests }: References): boolean =>
  artifacts.has(artifactPrefix(id)) || digests.has(id.digest);

/**
 * Looks once more, for many askers at a time: each gets a reading that began after it asked. They ask about what `before`
 * does not name, and a document of the same version names the same: only what has changed is parsed and told. `undefined`
 * where that cannot be had, or finds something damaged that `before` did not: then nobody knows.
 */
export class LaterReferences {
  readonly #objects: ObjectStore;
  readonly #known: ReadonlySet<string>;
  readonly #before: References['versions'];
  readonly #signal: AbortSignal | undefined;
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<References | undefined> | undefined;

  constructor(objects: ObjectStore, { unreadable, versions }: References, { signal }: CallOptions = {}) {
    this.#objects = objects;
    this.#signal = signal;
    this.#known = new Set(unreadable.map(({ key }) => key));
    this.#before = versions;
  }

  reread(): Promise<References | undefined> {
    if (this.#next === undefined) {
      const next = this.#running.then(async () => {
        await new Promise(setImmediate); // Who asks in the same turn is served by the same reading.
        this.#next = undefined;
        return this.#read();
      });
      this.#next = next;
      this.#running = next;
    }
    return this.#next;
  }

  async #read(): Promise<References | undefined> {
    try {
      const references = await readReferences(this.#objects, {
        before: this.#before,
        signal: this.#signal,
      });
      return references.unreadable.every(({ key }) => this.#known.has(key)) ? references : undefined;
    } catch {
      return undefined; // What is asked about stays: the next collect has another look.
    }
  }
}
