import type { DeployDeps } from '../../../shared/deploy/visit/deploy-request.ts';
import type { Log } from '../../../shared/log.ts';
import type { Bus, EventEnvelope } from '../../../shared/model/envelope.ts';
import { artifactPrefix } from '../../../shared/store/layout.ts';
import { memoryArtifactStore } from '../../../shared/store/memory/memory-artifact-store.ts';
import { memoryObjectStore } from '../../../shared/store/memory/memory-object-store.ts';
import type { Store } from '../../../shared/store/store.ts';
import { gateBus, gateStore } from '../../support/simulation/simulation-ports.ts';
import type { Random } from '../../support/simulation/simulation-random.ts';
import { EVENT_ORIGIN } from '../../support/stores/memory-sources.ts';
import { type Life, Scheduler } from '../engine/scheduler.ts';
import { ENTRIES } from './documents.ts';
import { Plan } from './plan.ts';
import { registryReader } from './registry-reader.ts';
import { isForBlob, type Mood, RegistryServer } from './registry-server.ts';
import { type Fate, Target } from './target.ts';
import { TouchedObjects } from './touched-objects.ts';

const MOODS: readonly Mood[] = ['throttles', 'breaks', 'cuts', 'lies', 'echoes'];
/** What goes wrong with content: nobody but who holds it to its digest sees that it is other bytes. */
const BLOB_MOODS: readonly Mood[] = ['cuts', 'lies', 'lies'];
/** Of a hundred requests few are for content: as many faults as any request has would be next to none. */
const ROUGH_BLOBS = 0.05;
const TAKES_MS = [0, 3_000, 40_000, 200_000] as const;
const FATES: readonly Fate[] = ['fails', 'rolls back'];
const FAILING = 0.1;

/** What outlives every process: a store, a bus, registries and targets; and how they behave. */
export class World {
  readonly random: Random;
  readonly origin: typeof EVENT_ORIGIN;
  readonly scheduler: Scheduler;
  readonly objects = new TouchedObjects();
  /** All that was emitted, repeats too. */
  readonly events: EventEnvelope[] = [];
  /** All that was logged, and what was counted. */
  readonly lines: string[] = [];
  readonly counts = new Map<string, number>();
  readonly plan: Plan;
  readonly server: RegistryServer;
  readonly targets: ReadonlyMap<string, Target>;
  /** Takes each event that the bus has. */
  onEvent: (event: EventEnvelope) => void = () => undefined;
  /** Faults have not stopped yet. */
  isRough = true;
  /** Its targets stall for longer than claims last. */
  isStalling = false;
  /** One of them does: people do nothing else meanwhile, and whoever comes meets it. */
  isStalled = false;
  /** Blobs of the first registry are somewhere else. */
  readonly #redirects: boolean;
  readonly #store: Store;

  /** @param name of the store, unlike that of any other world of this process */
  constructor(random: Random, name: string) {
    this.random = random;
    this.origin = { ...EVENT_ORIGIN, bucket: name };
    this.scheduler = new Scheduler(random);
    const { time } = this.scheduler;
    const now = (): number => time.now();
    this.server = new RegistryServer(now);
    this.plan = new Plan(this.server, now);
    const next = () => ({
      fate: this.isRough && random.chance(FAILING) ? random.pick(FATES) : ('succeeds' as const),
      takesMs: this.isRough ? random.pick(TAKES_MS) : 3_000,
    });
    this.targets = new Map(ENTRIES.map(({ name }) => [name, new Target(name, now, next)]));
    this.#redirects = random.chance(0.5);
    const artifacts = memoryArtifactStore(this.objects, { now, sleep: time.sleep.bind(time) });
    this.#store = { objects: memoryObjectStore(this.objects), artifacts, sweep: async () => 0 };
  }

  readonly log: Log = (level, message, fields) => {
    this.lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  };

  readonly count = (name: string, by = 1): void => {
    this.counts.set(name, (this.counts.get(name) ?? 0) + by);
  };

  /** The store as one process reaches it. @param isNear as on a disk, where looking costs nothing */
  store({ gate }: Life, isNear: boolean): Store {
    const store = gateStore(this.#store, gate);
    const list: Store['objects']['list'] = async function* (prefix, options) {
      yield* await gate(
        'store',
        `list ${prefix}`,
        () => Array.fromAsync(inner.objects.list(prefix, options)),
        options?.signal,
      );
    };
    const inner = this.#store;
    return { ...store, objects: { ...store.objects, list }, ...(isNear && { isNear: true as const }) };
  }

  bus({ gate }: Life): Bus {
    return gateBus(
      {
        emit: async (events) => {
          for (const event of events) {
            this.events.push(event);
            this.onEvent(event);
          }
        },
      },
      gate,
    );
  }

  registry(life: Life) {
    return registryReader(this.server, life, (asked) => {
      if (this.isRough && this.random.chance(this.scheduler.faults)) return this.random.pick(MOODS);
      if (this.isRough && isForBlob(asked) && this.random.chance(ROUGH_BLOBS))
        return this.random.pick(BLOB_MOODS);
      return this.#redirects ? 'redirects' : 'well';
    });
  }

  /** What a reconcile works with. */
  reconcileDeps(life: Life, isNear: boolean) {
    return {
      registry: this.registry(life),
      store: this.store(life, isNear),
      bus: this.bus(life),
      clock: life.clock,
      origin: this.origin,
      onNote: (_: unknown, note: string) => this.log('warn', note, {}),
    };
  }

  /** What a deploy works with. */
  deployDeps(life: Life, isNear: boolean): DeployDeps {
    return {
      store: this.store(life, isNear),
      bus: this.bus(life),
      clock: life.clock,
      origin: this.origin,
      locationOf: (id, path = '') => ({ in: 'directory', directory: artifactPrefix(id) + path }),
    };
  }
}
