import { composedWaker, wakingBus } from '../../functions/wake-composed.ts';
import { formatSourceId, type SourceId } from '../../shared/model/ids.ts';
import type { Status } from '../../shared/model/status.ts';
import type { ReconcileOutcome } from '../../shared/reconcile/deps.ts';
import { parseDocuments } from '../../shared/source/document.ts';
import type { Source } from '../../shared/source/source.ts';
import { filesPrefix } from '../../shared/store/layout.ts';
import { readStatus, requireStatus } from '../../shared/store/status-store.ts';
import type { Store } from '../../shared/store/store.ts';
import type { TriggerMessage } from '../../shared/trigger/queue.ts';
import { type Gate, gateBus, gateStore } from '../support/simulation/simulation-ports.ts';
import { type Files, type Look, openWorld, type World } from '../support/stores/memory-sources.ts';

interface ComposedLook extends Look {
  /** What each call of the store and the bus goes through. */
  readonly gate?: Gate | undefined;
}

/** Sources by name, each following the tag that is its name; `web/app` is composed as the document says. */
export interface ComposedWorld extends World {
  readonly sources: readonly Source[];
  /** Asked for and not looked at yet. */
  readonly woken: TriggerMessage[];
  lookAt(name: string, options?: ComposedLook): Promise<ReconcileOutcome>;
  /** Looks at what has been asked for, until nothing is. */
  settle(gate?: Gate): Promise<readonly string[]>;
  statusOf(name: string): Promise<Status>;
  statusIfAny(name: string): Promise<Status | undefined>;
  filesOf(name: string): Promise<Files>;
}

const idOf = (name: string): SourceId => ({ namespace: 'web', name });

/** The source document of parts that follow the tag of their name, and of `app`. */
export const documentOf = (parts: readonly string[], app: string): string =>
  [
    'sources:',
    ...parts.map(
      (name) => `  - { name: ${name}, namespace: web, url: "oci://r.example/site", ref: { tag: ${name} } }`,
    ),
    '  - name: app',
    '    namespace: web',
    ...app
      .trim()
      .split('\n')
      .map((line) => `    ${line}`),
    '',
  ].join('\n');

export const sourcesIn = (text: string): readonly Source[] =>
  parseDocuments([{ file: 'landfall.yaml', text }]).sources;

export const inDocuments =
  (sources: readonly Source[]) =>
  (id: SourceId): Source | undefined =>
    sources.find((each) => formatSourceId(each) === formatSourceId(id));

export function openComposed(parts: readonly string[], app: string, store?: Store): ComposedWorld {
  const world = openWorld(store);
  const sources = sourcesIn(documentOf(parts, app));
  const woken: TriggerMessage[] = [];
  const queue = { enqueue: async (messages: readonly TriggerMessage[]) => void woken.push(...messages) };
  const wake = composedWaker({ sources: () => sources, queue });
  const lookAt = (name: string, { gate, ...options }: ComposedLook = {}): Promise<ReconcileOutcome> => {
    const source = sources.find((each) => each.name === name);
    if (source === undefined) throw new Error(`no source ${name}`);
    const bus = wakingBus(gate === undefined ? world.bus : gateBus(world.bus, gate), wake);
    const gated = gate === undefined ? {} : { store: gateStore(world.store, gate) };
    return world.look(source, {
      ...options,
      deps: { bus, sourceOf: inDocuments(sources), ...gated, ...options.deps },
    });
  };
  const statusOf = (name: string): Promise<Status> => requireStatus(world.store.objects, idOf(name));
  return {
    ...world,
    sources,
    woken,
    lookAt,
    statusOf,
    statusIfAny: async (name) => (await readStatus(world.store.objects, idOf(name)))?.status,
    settle: async (gate) => {
      const looked: string[] = [];
      for (let next = woken.shift(); next !== undefined; next = woken.shift()) {
        await lookAt(next.name, { gate });
        looked.push(formatSourceId(next));
      }
      return looked;
    },
    filesOf: async (name) => {
      const { current } = await statusOf(name);
      if (current === null) return {};
      const prefix = filesPrefix(current);
      const keys = await Array.fromAsync(world.store.objects.list(prefix));
      const texts = keys.map(async (key) => [
        key.slice(prefix.length),
        Buffer.from((await world.store.objects.get(key))?.bytes ?? []).toString(),
      ]);
      return Object.fromEntries(await Promise.all(texts));
    },
  };
}

/** Pushes each part under its own tag and looks at it, then at what that has asked for. */
export async function land(
  world: ComposedWorld,
  parts: Readonly<Record<string, Files>>,
): Promise<readonly string[]> {
  for (const [name, files] of Object.entries(parts)) {
    world.push(name, files);
    await world.lookAt(name);
  }
  return world.settle();
}
