import { flushCompileCache } from 'node:module';
import { argv, stdout } from 'node:process';
import { systemClock } from '../../../shared/clock.ts';
import { EventLog } from '../../../shared/event/event-log.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { reconcile } from '../../../shared/reconcile/reconcile.ts';
import { DEFAULT_TRANSPORT } from '../../../shared/registry/client.ts';
import { createRegistryClient } from '../../../shared/registry/create-client.ts';
import { openDirectoryStore } from '../../../shared/store/directory/directory-store.ts';
import { EVENT_ORIGIN, sourceOf } from '../stores/memory-sources.ts';

/** Reconciles one source in a loop until it is killed: `reconcile-loop.ts STORE REGISTRY-HOST`. */
const [, , root = '', registryHost = ''] = argv;
const transport = { ...DEFAULT_TRANSPORT, plainHttp: true };
const registry = createRegistryClient({
  access: { access: async () => ({ credential: { kind: 'anonymous' }, transport }) },
  clock: systemClock,
  limits: DEFAULT_LIMITS,
});
const store = await openDirectoryStore(root, { durable: false });
const deps = {
  registry,
  store,
  bus: new EventLog(root),
  clock: systemClock,
  origin: EVENT_ORIGIN,
  sourceOf: () => undefined,
};
const source = sourceOf({ repository: { registry: registryHost, repository: 'site' } });
flushCompileCache();
stdout.write('ready\n');
for (;;) {
  const { outcome } = await reconcile({ source, trigger: 'schedule' }, deps);
  stdout.write(`${outcome}\n`);
}
