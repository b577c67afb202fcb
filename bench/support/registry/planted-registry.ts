import type { RegistryAuth } from '../../../embedded-registry/auth/registry-auth.ts';
import { nextMessage, startWorker, stopWorker } from '../worker.ts';

/** What the registry's process is told to be, and to hold. */
export interface PlantedRegistryOptions {
  readonly auth: RegistryAuth;
  /** `bench/app-000000` and so on, each with the tag `v1`. */
  readonly repositories: number;
  /** Whether all repositories hold the same manifest, or each its own. */
  readonly content: 'same' | 'own';
}

/** Requests that the registry got since the last count. */
export interface RequestCount {
  readonly head: number;
  readonly get: number;
  /** Of the `get`: to the token service. */
  readonly token: number;
}

export const repositoryName = (at: number): string => `bench/app-${String(at).padStart(6, '0')}`;

/** The embedded registry, in a process of its own. */
export interface PlantedRegistry extends AsyncDisposable {
  readonly host: string;
  count(): Promise<RequestCount>;
}

export async function startPlantedRegistry(options: PlantedRegistryOptions): Promise<PlantedRegistry> {
  const worker = startWorker('registry/plant-registry.ts', options, 1);
  const host = await nextMessage<string>(worker);
  return {
    host,
    count: async () => {
      worker.send('count');
      return nextMessage<RequestCount>(worker);
    },
    [Symbol.asyncDispose]: () => stopWorker(worker),
  };
}
