import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { deployReport } from '../../../functions/report.ts';
import { deployState } from '../../../shared/deploy/deploy-state.ts';
import type { DeployEntry } from '../../../shared/source/deploy-entry.ts';
import { type KindSubject, type OpenKind, openHeld } from '../../conformance/deploy-kind.ts';
import { openFunction } from '../kinds/function-subject.ts';
import { openService } from '../kinds/service-subject.ts';
import { openStack } from '../kinds/stack-subject.ts';

const APP = { name: 'app' } as DeployEntry;

interface Told {
  readonly state: string;
  /** In status, in the event and in the log alike. */
  readonly says: RegExp;
  /** What to do. */
  readonly next: RegExp;
}

/** The second revision fails: who is told, of what, and what serves meanwhile. */
async function failing<Subject extends KindSubject>(
  t: TestContext,
  open: OpenKind<Subject>,
  breaks: (subject: Subject) => void,
  { told, common = {} }: { readonly told: Told; readonly common?: Partial<DeployEntry> },
): Promise<void> {
  const held = await openHeld(t, open, common);
  assert.equal((await held.drive(await held.land(1))).outcome, 'applied');
  const served = await held.current();
  const event = await held.land(2);
  breaks(held);
  const outcome = await held.drive(event);
  assert.ok(outcome.outcome === 'failed', JSON.stringify(outcome));
  const { world } = held;
  const ledger = await world.ledger(APP);
  const { state, message } = deployState(ledger, world.clock);
  assert.equal(state, told.state);
  assert.match(String(message), told.says);
  assert.match(String(ledger.failure?.hint), told.next);
  const detail = world.events('Deploy Failed').at(-1)?.detail;
  assert.match(JSON.stringify(detail), told.says);
  const { lines } = deployReport({ what: {}, isNews: true }, outcome);
  assert.match(JSON.stringify(lines), told.says);
  assert.match(JSON.stringify(lines), told.next);
  // Where its way back takes a while.
  for (let minute = 0; minute < 5; minute += 1) held.advance?.();
  assert.equal(await held.current(), served, 'what ran before serves');
  assert.partialDeepStrictEqual(ledger, { applied: { generation: 1 }, run: null, claim: null });
  const taken = await held.taken();
  assert.equal((await held.drive(event)).outcome, 'failed-before');
  assert.equal(await held.taken(), taken, 'nothing is tried again before something changes');
}

describe('a reason that a person can act on is in status, event and log, and what ran before serves', () => {
  test('where a template fails: the resource, and why', (t) =>
    failing(
      t,
      openStack,
      ({ server }) => server.state.failing.set('Topic', { reason: 'Display name is too long' }),
      {
        told: { state: 'RolledBack', says: /Topic: Display name is too long/, next: /push another revision/ },
      },
    ));

  test('where the role may not be passed', (t) =>
    failing(
      t,
      openStack,
      ({ server }) =>
        server.denied.set('CreateChangeSet', 'User: x is not authorized to perform: iam:PassRole on r'),
      {
        told: { state: 'Failed', says: /iam:PassRole/, next: /pass arn:aws:iam::123456789012:role\/network/ },
      },
    ));

  test('where a role is denied what the deploy calls', (t) =>
    failing(
      t,
      openFunction(),
      ({ server }) =>
        server.denied.set(
          'UpdateFunctionCode',
          'User: x is not authorized to perform: lambda:UpdateFunctionCode',
        ),
      { told: { state: 'Failed', says: /lambda:UpdateFunctionCode/, next: /./ } },
    ));

  test('where a package is larger than Lambda takes', (t) =>
    failing(
      t,
      openFunction(),
      ({ server }) =>
        server.fault({
          ...{ operation: 'UpdateFunctionCode', times: 99, kind: 'error', status: 413 },
          ...{ code: 'RequestTooLargeException', message: 'Request must be smaller than 69905067 bytes' },
        }),
      { told: { state: 'Failed', says: /must be smaller than 69905067 bytes/, next: /store in S3/ } },
    ));

  test('where an alarm goes off while a function takes over by weights', (t) =>
    failing(
      t,
      async (test, world) => {
        const shift = [
          { weight: 10, for: '5m' },
          { weight: 50, for: '5m' },
        ];
        const subject = await openFunction({ shift, alarms: ['errors'] })(test, world);
        subject.server.state.alarms.set('errors', 'OK');
        return subject;
      },
      ({ server }) =>
        server.fault({
          ...{ operation: 'UpdateAlias', times: 1, kind: 'cut', effect: true },
          meanwhile: async () => {
            server.state.alarms.set('errors', 'ALARM');
          },
        }),
      { told: { state: 'RolledBack', says: /alarm errors went off while version 3 .* had 10 %/, next: /./ } },
    ));

  test('where a service never becomes stable: after its timeout', (t) =>
    failing(
      t,
      openService,
      ({ ecs }) => {
        ecs.state.course = 'never';
      },
      {
        common: { timeoutMs: 600_000, rollback: 'onFailure' },
        told: {
          state: 'RolledBack',
          says: /still under way after its timeout of 600000 ms/,
          next: /Look at the target/,
        },
      },
    ));

  test('where the circuit breaker of a service rolls it back', (t) =>
    failing(
      t,
      openService,
      ({ ecs }) => {
        ecs.state.course = 'rolls back';
      },
      {
        told: { state: 'RolledBack', says: /circuit breaker threshold was exceeded/, next: /describe-tasks/ },
      },
    ));
});

describe('what is no failure', () => {
  test('an empty change set: the deploy is done, and nothing is executed', async (t) => {
    const held = await openHeld(t, openStack);
    await held.drive(await held.land(1));
    const executions = await held.taken();
    const same = { ...held.files(1), 'README.md': 'only this has changed' };
    assert.equal((await held.drive(await held.world.land(same))).outcome, 'applied');
    assert.equal(await held.taken(), executions);
    assert.equal(deployState(await held.world.ledger(APP), held.world.clock).state, 'Succeeded');
  });
});
