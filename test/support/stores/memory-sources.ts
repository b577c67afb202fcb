import assert from 'node:assert/strict';
import type { Clock } from '../../../shared/clock.ts';
import { LOCAL_ORIGIN } from '../../../shared/event/compose.ts';
import { MemoryBus } from '../../../shared/event/memory-bus.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import type { Trigger } from '../../../shared/model/detail-type.ts';
import type { EventEnvelope } from '../../../shared/model/envelope.ts';
import type { Revision, Status } from '../../../shared/model/status.ts';
import { type Digest, digestOf } from '../../../shared/oci/digest.ts';
import { OCI_EMPTY, OCI_INDEX, OCI_LAYER, OCI_MANIFEST } from '../../../shared/oci/media-types.ts';
import { formatRepository } from '../../../shared/oci/reference.ts';
import type { ReconcileDeps, ReconcileOutcome } from '../../../shared/reconcile/deps.ts';
import { reconcile } from '../../../shared/reconcile/reconcile.ts';
import type { Source } from '../../../shared/source/source.ts';
import { filesPrefix } from '../../../shared/store/layout.ts';
import { openMemoryStore } from '../../../shared/store/memory/memory-store.ts';
import { requireStatus } from '../../../shared/store/status-store.ts';
import type { Store } from '../../../shared/store/store.ts';
import type { UnpackOptions } from '../../../shared/unpack/unpack-options.ts';
import { file, tar } from '../artifacts/tar-builder.ts';
import { MemoryRegistry } from '../servers/memory-registry.ts';

export const ID = { namespace: 'web', name: 'site' };
export const EVENT_ORIGIN = { ...LOCAL_ORIGIN, bucket: '/store' };

/** Overrides of a source; those of `unpack` are merged. */
export type SourceChanges = Partial<Omit<Source, 'unpack'>> & { readonly unpack?: Partial<UnpackOptions> };

/** A source `web/site` that follows the tag `latest`. */
export function sourceOf({ unpack, ...changes }: SourceChanges = {}): Source {
  const repository = changes.repository ?? { registry: 'r.example', repository: 'site' };
  return {
    ...ID,
    url: formatRepository(repository),
    repository,
    ref: { tag: 'latest' },
    intervalMs: 300_000,
    timeoutMs: 60_000,
    labels: { tier: 'prod' },
    suspend: false,
    retain: { revisions: 10 },
    limits: DEFAULT_LIMITS,
    ...changes,
    unpack: { mode: 'files', layers: 'auto', links: 'record', ...unpack },
  };
}

/** Time that moves when it is told to, or slept through. */
export class ManualClock implements Clock {
  #now = Date.UTC(2026, 10, 21);

  now(): number {
    return this.#now;
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }

  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.advance(milliseconds);
  }
}

/** Path to text; a list of layers where there are several. */
export type Files = Readonly<Record<string, string>>;

export interface Image {
  readonly bytes: Buffer;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly blobs: readonly Buffer[];
}

/** A manifest over one uncompressed tar; `annotations` make another manifest over the same content. */
export function imageOf(files: Files, annotations: Readonly<Record<string, string>> = {}): Image {
  const layer = tar(...Object.entries(files).map(([path, text]) => file(path, text)));
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: OCI_MANIFEST,
      artifactType: 'application/vnd.example.site',
      config: { mediaType: OCI_EMPTY, digest: digestOf('{}'), size: 2 },
      layers: [{ mediaType: OCI_LAYER, digest: digestOf(layer), size: layer.length }],
      annotations,
    }),
  );
  return { bytes, digest: digestOf(bytes), mediaType: OCI_MANIFEST, blobs: [Buffer.from('{}'), layer] };
}

/** An index over linux/amd64, linux/arm64, … in that order. */
export function indexOf(...images: readonly Image[]): Image {
  const architectures = ['amd64', 'arm64', 's390x'];
  const manifests = images.map(({ digest, bytes, mediaType }, at) => ({
    mediaType,
    digest,
    size: bytes.length,
    platform: { os: 'linux', architecture: architectures[at] },
  }));
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }));
  return { bytes, digest: digestOf(bytes), mediaType: OCI_INDEX, blobs: [] };
}

/** Puts an image under a tag of the registry's one repository. */
export function pushImage(registry: MemoryRegistry, tag: string, image: Image): Digest {
  for (const blob of image.blobs) registry.blobs.set(digestOf(blob), blob);
  return registry.push(tag, image.bytes, image.mediaType);
}

/** Everything a reconcile touches, in memory, with what happened to be looked at. */
export interface World extends ReconcileDeps {
  readonly registry: MemoryRegistry;
  readonly bus: MemoryBus;
  readonly clock: ManualClock;
  push(tag: string, files: Files, annotations?: Readonly<Record<string, string>>): Digest;
  look(source?: SourceChanges, options?: Look): Promise<ReconcileOutcome>;
  status(): Promise<Status>;
  /** Of one type, oldest first. */
  events(type?: EventEnvelope['detail-type']): readonly EventEnvelope[];
  /** What the registry was asked since the last call of this. */
  asked(): readonly string[];
}

export interface Look {
  readonly trigger?: Trigger;
  readonly deps?: Partial<ReconcileDeps>;
  readonly signal?: AbortSignal;
}

/** @param store in memory unless given */
export function openWorld(store?: Store): World {
  const clock = new ManualClock();
  const registry = new MemoryRegistry();
  const bus = new MemoryBus();
  const deps = {
    registry,
    bus,
    clock,
    store: store ?? openMemoryStore(clock),
    origin: EVENT_ORIGIN,
    sourceOf: () => undefined,
  };
  return {
    ...deps,
    push: (tag, files, annotations) => pushImage(registry, tag, imageOf(files, annotations)),
    look: (source, { trigger = 'schedule', deps: others, signal } = {}) => {
      clock.advance(1_000);
      return reconcile(
        { source: sourceOf(source), trigger, ...(signal && { signal }) },
        { ...deps, ...others },
      );
    },
    status: () => requireStatus(deps.store.objects, ID),
    events: (type) => bus.events.filter((event) => type === undefined || event['detail-type'] === type),
    asked: () => registry.calls.splice(0),
  };
}

/** The revision of a reconcile that committed one. */
export function committed(outcome: ReconcileOutcome): Revision {
  assert.equal(outcome.outcome, 'committed', JSON.stringify(outcome));
  return (outcome as Extract<ReconcileOutcome, { outcome: 'committed' }>).revision;
}

/** The files of the current artifact, as a reader of keys sees them. */
export async function currentFiles({ store, status }: World): Promise<Files> {
  const { current } = await status();
  assert.ok(current);
  const prefix = filesPrefix(current);
  const keys = await Array.fromAsync(store.objects.list(prefix));
  const texts = keys.map(async (key) => [
    key.slice(prefix.length),
    Buffer.from((await store.objects.get(key))?.bytes ?? []).toString(),
  ]);
  return Object.fromEntries(await Promise.all(texts));
}
