import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod/mini';
import { kindsOf } from '../../shared/deploy/kinds/deploy-kinds.ts';
import { type DeployDefinition, defineDeploy } from '../../shared/deploy/kit/define-deploy.ts';
import { deployFailed, deployUnavailable } from '../../shared/deploy/kit/failures.ts';
import type { JsonValue } from '../../shared/deploy/kit/json-value.ts';
import { readRuns } from '../../shared/deploy/visit/run-history.ts';
import { notificationOf } from '../../shared/notify/notification-of.ts';
import { entryOf, openDeployWorld } from '../deploy/deploy-world.ts';
import { assertDocument, assertOneLine, assertShown, HOSTILE_TEXT as TEXT } from '../support/hostile-text.ts';
import { ID } from '../support/stores/memory-sources.ts';

type Own = Partial<DeployDefinition<object, { readonly job: string }, JsonValue>>;

const running = {
  state: 'running',
  progress: { job: TEXT },
  message: TEXT,
  waitsFor: TEXT,
  lookAgainMs: 1,
} as const;

/** What a target, or the code of a kind, may say. */
const KINDS: readonly (readonly [what: string, own: Own])[] = [
  ['how far it is', { step: async () => running, look: async () => running }],
  ['what it throws', { step: async () => Promise.reject(new Error(TEXT)) }],
  [
    'why it failed',
    { step: async () => Promise.reject(deployFailed(TEXT, { hint: TEXT, detail: { aws: TEXT } })) },
  ],
  ['why it cannot be asked', { step: async () => Promise.reject(deployUnavailable(TEXT)) }],
  ['why it was rolled back', { step: async () => ({ state: 'rolledBack', error: deployFailed(TEXT) }) }],
  ['an answer that is none', { step: async () => ({ state: TEXT, [TEXT]: TEXT }) as never }],
  [
    'what it logs',
    {
      step: async ({ log }) => {
        log(TEXT);
        return { state: 'succeeded', message: TEXT };
      },
    },
  ],
  ['a plan', {}],
  ['a plan that fails', { plan: async () => Promise.reject(new Error(TEXT)) }],
  [
    'a plan that is none',
    { plan: async () => ({ summary: TEXT, changes: [{ action: TEXT, what: TEXT }] }) as never },
  ],
];

for (const [what, own] of KINDS)
  for (const more of [{}, { approval: 'required' as const }])
    test(`what a target says forges and hides nothing: ${what}${'approval' in more ? ', before it is approved' : ''}`, async () => {
      const world = openDeployWorld();
      const kind = defineDeploy<object, { readonly job: string }, JsonValue>({
        kind: 'own',
        settings: z.looseObject({}),
        progress: z.object({ job: z.string() }),
        plan: async () => ({ summary: TEXT, changes: [{ action: 'run', what: TEXT, why: TEXT }] }),
        step: async () => ({ state: 'succeeded' }),
        look: async () => ({ state: 'succeeded' }),
        ...own,
      });
      const entry = entryOf({ kind: 'own', settings: {}, ...more });
      const kinds = kindsOf([kind]);
      const event = await world.land({ a: 'b' });
      for (let visit = 0; visit < 2; visit += 1) {
        const outcome = await world.deploy(event, { entry, deps: { kinds } });
        if ('message' in outcome) assertOneLine(outcome.message, 'the outcome');
        if ('error' in outcome) assertShown(outcome.error.message, 'the error');
      }
      assertDocument(JSON.stringify(await world.ledger(entry)), 'the ledger');
      for (const { message, log } of await readRuns(world.store.objects, entry.name, ID)) {
        assertShown(message ?? '', 'the run');
        for (const { line } of log) assertOneLine(line, 'the log');
      }
      for (const each of world.events()) {
        assertDocument(JSON.stringify(each.detail), each['detail-type']);
        const told = notificationOf(each, { [TEXT]: TEXT });
        if (told === undefined) continue;
        assertOneLine(told.title, 'a title');
        assertShown(told.text, 'a text');
        for (const fact of Object.values(told.facts)) assertOneLine(fact, 'a fact');
      }
      assert.ok(world.events().length > 0);
    });
