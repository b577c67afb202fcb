import { newLedger } from '../../shared/deploy/ledger/ledger.ts';
import type { Ledger } from '../../shared/deploy/ledger/ledger-schema.ts';
import type { EventEnvelope } from '../../shared/model/envelope.ts';
import type { Status } from '../../shared/model/status.ts';
import { ledgerKey } from '../../shared/store/layout.ts';
import { committed, ID, openWorld } from '../support/stores/memory-sources.ts';
import type { Seen } from './invariants/seen.ts';
import type { SeenRequest } from './world/registry-server.ts';
import type { Act } from './world/target.ts';

export const SOURCE = 'web/site';
export const AT = Date.UTC(2026, 10, 21, 0, 30);

/** What a reconcile that landed something leaves, as the product wrote it. */
async function landed() {
  const world = openWorld();
  world.push('latest', { 'a.txt': 'one' });
  const revision = committed(await world.look());
  const objects = new Map<string, Uint8Array>();
  for (const prefix of ['artifacts/', 'sources/'])
    for await (const key of world.store.objects.list(prefix))
      objects.set(key, (await world.store.objects.get(key))?.bytes ?? new Uint8Array());
  const status = await world.status();
  return { revision, objects, status: { ...status, outbox: [...world.events()] }, events: world.events() };
}

export const scene = await landed();
export const { revision, status } = scene;
export const LEDGER: Ledger = newLedger({ ...ID, deploy: 'gate' });
export const LEDGER_KEY = ledgerKey('gate', ID);
const TRUTH: Seen['truth'] = {
  faultOf: () => undefined,
  isUnderPolicy: () => true,
  wasHead: () => true,
  entryOf: () => undefined,
  wasAbsent: () => true,
  wasAsked: () => false,
  filesOf: () => undefined,
  imageOfBlob: () => undefined,
};

/** The step that made the revision current, with nothing wrong. */
export function seen(
  changes: Partial<Omit<Seen, 'truth'>> & { readonly truth?: Partial<Seen['truth']> } = {},
): Seen {
  return {
    at: AT,
    objects: scene.objects,
    touched: new Set(scene.objects.keys()),
    statuses: new Map([[SOURCE, status]]),
    statusChanges: [{ key: SOURCE, before: undefined, after: status }],
    ledgers: new Map([[LEDGER_KEY, LEDGER]]),
    ledgerChanges: [],
    generations: [{ source: SOURCE, generation: 1, digest: revision.digest, at: AT }],
    emittedBefore: [],
    emitted: scene.events,
    requests: [],
    actsBefore: [],
    acts: [],
    standing: () => null,
    appliedLately: () => 0,
    lines: ['info landed {}'],
    ...changes,
    truth: { ...TRUTH, ...changes.truth },
  };
}

export const without = (key: string): Map<string, Uint8Array> => {
  const objects = new Map(scene.objects);
  objects.delete(key);
  return objects;
};
export const changedTo = (after: Partial<Status>, before?: Status): Partial<Seen> => ({
  statusChanges: [{ key: SOURCE, before, after: { ...status, ...after } }],
});
export const request = (changes: Partial<SeenRequest>): SeenRequest => ({
  at: AT,
  host: 'r1.example',
  method: 'GET',
  path: '/v2/site/manifests/latest',
  authorization: undefined,
  ...changes,
});
export const act = (changes: Partial<Act>): Act => ({
  at: AT,
  deploy: 'gate',
  what: 'begin',
  visit: 2,
  run: { runId: 'b', generation: 2 },
  job: null,
  current: null,
  hasDrifted: false,
  ...changes,
});
const facts = { revision: 'latest', digest: revision.digest, variant: 'default', contentDigest: 'c' };
const run = {
  ...{ ...facts, id: 'b', generation: 2, attempt: 1, phase: 'step', progress: null, message: null },
  ...{ waitsFor: null, asks: false, answer: null, since: '', until: '', lookAt: null, misses: 0 },
  ...{ failure: null, token: null },
} as const;
export const claimed: Ledger = { ...LEDGER, run: run as Ledger['run'], claim: { by: 'me', until: '' } };
export const applied = (generation: number): Ledger =>
  ({ ...LEDGER, applied: { ...facts, generation, at: '', result: { runId: 'a' } } }) as unknown as Ledger;
export const begun = (entry: Seen['truth']['entryOf'], before: Partial<Ledger> = {}): Partial<Seen> => ({
  ledgerChanges: [{ key: LEDGER_KEY, before: { ...LEDGER, ...before }, after: claimed }],
  truth: { ...TRUTH, entryOf: entry },
});
export const entryWith = (held: object) => () => ({ name: 'gate', ...held }) as never;
export const failed = {
  code: 'PATH_REFUSED',
  message: '',
  hint: null,
  kind: 'permanent',
  subject: `spec latest@${revision.digest}`,
  attempts: 1,
  since: new Date(AT - 3_600_000).toISOString(),
  at: '',
} as const;
export const again = { ...scene.events[0], time: 'another' } as EventEnvelope;
export const denied = [{ is: 'deny', cron: '0 0 * * *', timeZone: 'UTC', forMs: 3_600_000 }];
