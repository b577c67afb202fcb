import { hash } from 'node:crypto';
import { formatSourceId, type SourceId } from '../../../shared/model/ids.ts';
import { type Digest, digestOf } from '../../../shared/oci/digest.ts';
import type { DeployEntry } from '../../../shared/source/deploy-entry.ts';
import type { Source } from '../../../shared/source/source.ts';
import { imageOf, pushImage } from '../../support/stores/memory-sources.ts';
import { pushLayers } from '../../verify/signing.ts';
import { ENTRIES, SOURCES } from './documents.ts';
import type { RegistryServer } from './registry-server.ts';
import { signatureOf } from './secrets.ts';

/** What is wrong with a revision: it leaves its root, nobody signed it, or somebody else did. */
export type Fault = 'leaves' | 'unsigned' | 'forged';

export interface Pushed {
  readonly digest: Digest;
  readonly fault: Fault | undefined;
  /** Path to sha256. */
  readonly files: ReadonlyMap<string, string>;
}

/** What a source's reference means from a time on; null: nothing. */
interface Head {
  readonly at: number;
  readonly digest: Digest | null;
}

/** What people did, and so what has to come of it: the simulator's own account, which no product code sees. */
export class Plan {
  readonly server: RegistryServer;
  /** `namespace/name` to what its reference has meant, oldest first. */
  readonly heads = new Map<string, Head[]>();
  readonly pushed = new Map<Digest, Pushed>();
  /** Deploys that are in no document, since when. */
  readonly absent = new Map<string, number>();
  /** When those came back that were. */
  readonly back = new Map<string, number>();
  /** When a person last asked for a source to be looked at, by `namespace/name`. */
  readonly asked = new Map<string, number>();
  /** Whose layer a blob is, where it is of one image alone. */
  readonly imageOfBlob = new Map<string, Digest>();
  readonly #now: () => number;
  #images = 0;

  constructor(server: RegistryServer, now: () => number) {
    this.server = server;
    this.#now = now;
    for (const source of SOURCES) this.heads.set(formatSourceId(source), [{ at: now(), digest: null }]);
  }

  headOf(id: SourceId): Digest | null {
    return this.heads.get(formatSourceId(id))?.at(-1)?.digest ?? null;
  }

  /** Whether a reference has meant a digest at any time since. */
  wasHead(id: SourceId, digest: Digest, since: number): boolean {
    const heads = this.heads.get(formatSourceId(id)) ?? [];
    return heads.some(
      (head, n) => head.digest === digest && (heads[n + 1]?.at ?? Number.POSITIVE_INFINITY) >= since,
    );
  }

  push(source: Source, fault?: Fault): Digest {
    this.#images += 1;
    const text = String(this.#images);
    const files = { 'a.txt': text, 'same.txt': 'same', ...(fault === 'leaves' && { '../out': text }) };
    const { registry, repository } = source.repository;
    const there = this.server.repository(`${registry}/${repository}`);
    const tag = source.ref.tag ?? `1.0.${this.#images}`;
    const image = imageOf(files);
    const digest = pushImage(there, tag, image);
    for (const blob of image.blobs.slice(1)) this.imageOfBlob.set(digestOf(blob), digest);
    if (source.verify !== undefined && fault !== 'unsigned')
      pushLayers(there, digest, [signatureOf(digest, fault === 'forged' ? 'theirs' : 'ours')]);
    const hashes = Object.entries(files).map(([path, content]) => [path, hash('sha256', content)] as const);
    this.pushed.set(digest, { digest, fault, files: new Map(hashes) });
    this.#tags(source).set(tag, digest);
    this.#note(source);
    return digest;
  }

  /** Has a tag point at something that was there before. */
  move(source: Source, digest: Digest): void {
    const { registry, repository } = source.repository;
    const tag = source.ref.tag ?? '1.0.0';
    const there = this.server.repository(`${registry}/${repository}`);
    if (!there.retag(tag, digest)) return;
    this.#tags(source).set(tag, digest);
    this.#note(source);
  }

  delete(source: Source): void {
    const tag = [...this.#tags(source).keys()].at(-1);
    if (tag === undefined) return;
    const { registry, repository } = source.repository;
    this.server.repository(`${registry}/${repository}`).remove(tag);
    this.#tags(source).delete(tag);
    this.#note(source);
  }

  /** As the documents have them now. */
  entries(): readonly DeployEntry[] {
    return ENTRIES.filter(({ name }) => !this.absent.has(name));
  }

  toggle(name: string): void {
    if (!this.absent.has(name)) this.absent.set(name, this.#now());
    else if (this.absent.delete(name)) this.back.set(name, this.#now());
  }

  readonly #tagged = new Map<string, Map<string, Digest>>();

  #tags(source: Source): Map<string, Digest> {
    const known = this.#tagged.get(source.url) ?? new Map<string, Digest>();
    this.#tagged.set(source.url, known);
    return known;
  }

  #note(source: Source): void {
    const tags = this.#tags(source);
    const highest = [...tags.keys()].toSorted((a, b) => numberOf(a) - numberOf(b)).at(-1);
    const digest = (highest === undefined ? undefined : tags.get(highest)) ?? null;
    this.heads.get(formatSourceId(source))?.push({ at: this.#now(), digest });
  }
}

const numberOf = (tag: string): number => Number(tag.split('.').at(-1));
