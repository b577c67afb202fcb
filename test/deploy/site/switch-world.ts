import type { TestContext } from 'node:test';
import { openSwitchKey } from '../../../shared/deploy/site/key-value-store-client.ts';
import { siteFiles } from '../../../shared/deploy/site/site.ts';
import { releaseOf, switchSite } from '../../../shared/deploy/site/site-switch.ts';
import { openMemoryStore } from '../../../shared/store/memory/memory-store.ts';
import { SleepingClock } from '../../support/aws-server/aws-client-for.ts';
import { accessAt } from '../../support/deploys/aws-access.ts';
import { type MemorySite, openMemorySite } from '../../support/deploys/memory-site.ts';
import { keyValueStoreFor, STORE_ARN } from '../../support/key-value-store/key-value-store-server.ts';
import { type Files, ID, ManualClock } from '../../support/stores/memory-sources.ts';
import { recordOf } from './site-world.ts';

export const SWITCH_KEY = 'site:current';
export const SWITCH_SETTINGS = { immutable: [], cacheControl: 'no-cache' };

export const switchValueOf = (files: Files): string =>
  `www/releases/${releaseOf(siteFiles(recordOf(files), undefined, SWITCH_SETTINGS))}`;

export async function switchWorld(t: TestContext) {
  const kvs = await keyValueStoreFor(t);
  const clock = new SleepingClock();
  const key = openSwitchKey(STORE_ARN, SWITCH_KEY, accessAt(kvs.url, clock), clock);
  const { objects } = openMemoryStore(new ManualClock());
  const folders = new Map<string, MemorySite>();
  let artifact: Files = {};
  let latest = 0;
  const releaseAt = (folder: string): MemorySite => {
    const site = folders.get(folder) ?? openMemorySite(() => artifact);
    folders.set(folder, site);
    return site;
  };
  return {
    ...{ kvs, folders, objects },
    deploy: (files: Files, generation = latest + 1) => {
      artifact = files;
      latest = Math.max(latest, generation);
      const { signal } = new AbortController();
      const request = {
        deploy: 'live',
        source: ID,
        record: recordOf(files),
        path: undefined,
        generation,
        signal,
      };
      const deps = {
        prefix: 'www/',
        place: 's3://site/www',
        settings: SWITCH_SETTINGS,
        assertHeld: () => undefined,
      };
      return switchSite(request, { ...deps, releaseAt, key, objects });
    },
    /** What a visitor gets, by the key. */
    served: (): Files => {
      const folder = `${kvs.keys.get(SWITCH_KEY)}/`.replace(/^www\//, '');
      return Object.fromEntries(
        [...(folders.get(folder)?.objects ?? [])].map(([path, { text }]) => [path, text]),
      );
    },
    puts: () =>
      [...folders.values()].flatMap(({ calls }) => calls.splice(0)).filter((call) => call.startsWith('put')),
  };
}
