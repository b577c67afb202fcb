import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployReport, failureReport, reconcileReport } from '../../functions/report.ts';
import type { DeployOutcome } from '../../shared/deploy/visit/deploy-request.ts';
import { type ErrorCode, LandfallError } from '../../shared/errors.ts';
import type { Failure } from '../../shared/model/status.ts';
import type { ReconcileOutcome } from '../../shared/reconcile/deps.ts';
import type { TriggerMessage } from '../../shared/trigger/queue.ts';
import { sampleRevision } from '../event/samples.ts';

const ASKED: TriggerMessage = { namespace: 'web', name: 'app', trigger: 'schedule' };
const revision = sampleRevision(3);
const error = (code: ErrorCode): LandfallError => new LandfallError(code, 'by plan');
const recovered: Failure = {
  code: 'REGISTRY_TIMEOUT',
  message: 'm',
  hint: null,
  kind: 'transient',
  subject: 's',
  attempts: 4,
  since: '2026-11-21T00:00:00.000Z',
  at: '2026-11-21T00:01:00.000Z',
};

/** Every outcome of a reconcile: what is logged of it, and what is counted. */
const RECONCILES: readonly (readonly [string, ReconcileOutcome, readonly string[], readonly string[]])[] = [
  ['landed', { outcome: 'committed', revision }, ['info landed'], ['Looked', 'Landed']],
  [
    'landed, its event unsent',
    { outcome: 'committed', revision, emitError: error('EMIT_FAILED') },
    ['info landed', 'warn event not sent yet'],
    ['Looked', 'Landed', 'EmitFailed'],
  ],
  [
    'landed after failures',
    { outcome: 'committed', revision, recovered },
    ['info recovered', 'info landed'],
    ['Looked', 'Landed'],
  ],
  ['unchanged', { outcome: 'unchanged', revision }, ['debug unchanged'], ['Looked', 'Unchanged']],
  [
    'unchanged after failures',
    { outcome: 'unchanged', revision, recovered },
    ['info recovered', 'debug unchanged'],
    ['Looked', 'Unchanged'],
  ],
  ['superseded', { outcome: 'superseded', revision: null }, ['debug superseded'], ['Looked']],
  ['suspended', { outcome: 'suspended' }, ['debug suspended'], ['Looked']],
  [
    'still stalled',
    { outcome: 'stalled', error: error('LAYER_NOT_FOUND') },
    ['debug still stalled'],
    ['Looked', 'SourceStalled'],
  ],
  [
    'failed for good',
    { outcome: 'failed', error: error('UNAUTHORIZED') },
    ['error reconcile failed'],
    ['Looked', 'SourceStalled'],
  ],
  [
    'failed for the moment',
    { outcome: 'failed', error: error('REGISTRY_TIMEOUT') },
    ['error reconcile failed'],
    ['Looked', 'SourceFailed'],
  ],
  [
    'failed to send',
    { outcome: 'failed', error: error('EMIT_FAILED') },
    ['error reconcile failed'],
    ['Looked', 'EmitFailed', 'SourceFailed'],
  ],
  ['cut off', { outcome: 'failed', error: error('CANCELLED') }, ['info look cut off'], ['Looked']],
];

for (const [what, outcome, lines, counts] of RECONCILES)
  test(`a reconcile that ${what} is told the same everywhere`, () => {
    const report = reconcileReport(ASKED, outcome);
    assert.deepEqual(
      report.lines.map(({ level, message }) => `${level} ${message}`),
      lines,
    );
    assert.deepEqual(report.counts, counts);
    for (const { fields } of report.lines) assert.equal(fields['source'], 'web/app');
  });

test('a reconcile that was cut off is no failing source: no alarm is raised for it', () => {
  const { counts } = failureReport(ASKED, error('CANCELLED'));
  assert.deepEqual(counts, []);
});

test('a failure that repeats what people were told is not told as one again', () => {
  const failed = { code: 'REGISTRY_TIMEOUT', message: 'by plan' } as const;
  const [line] = failureReport({ ...ASKED, failed }, error('REGISTRY_TIMEOUT')).lines;
  assert.equal(line?.level, 'debug');
});

test('a failure says what happened and what to do next', () => {
  const [line] = failureReport(ASKED, error('UNAUTHORIZED')).lines;
  const { kind } = error('UNAUTHORIZED');
  assert.deepEqual(line?.fields, {
    source: 'web/app',
    trigger: 'schedule',
    code: 'UNAUTHORIZED',
    kind,
    error: 'by plan',
    next: 'Check the credentials; `landfall explain web/app` says which one was used and why.',
  });
});

/** Every outcome of a deploy: as news, as a reconcile by time finds it, and what is counted. */
const DEPLOYS: readonly (readonly [DeployOutcome, string, string, readonly string[]])[] = [
  [{ outcome: 'applied', revision }, 'info deploy applied', 'info deploy applied', ['Deployed']],
  [{ outcome: 'unchanged', revision }, 'info deploy unchanged', 'info deploy unchanged', []],
  [{ outcome: 'done-before' }, 'debug deploy done-before', 'debug deploy done-before', []],
  [{ outcome: 'not-wanted' }, 'info deploy not-wanted', 'info deploy not-wanted', []],
  [
    { outcome: 'busy', waitMs: 7 },
    'info deploy waits for another worker',
    'info deploy waits for another worker',
    [],
  ],
  [
    { outcome: 'failed-before', code: 'DEPLOY_FAILED' },
    'warn deploy failed before',
    'debug deploy failed before',
    [],
  ],
  [{ outcome: 'failed', error: error('DEPLOY_FAILED') }, 'error deploy failed', 'error deploy failed', []],
  [
    { outcome: 'failed', error: error('DEPLOY_UNAVAILABLE') },
    'error deploy failed',
    'error deploy failed',
    [],
  ],
  [{ outcome: 'failed', error: error('CANCELLED') }, 'info deploy cut off', 'info deploy cut off', []],
];

for (const [outcome, news, byTime, counts] of DEPLOYS)
  test(`a deploy with outcome ${news} is told the same everywhere`, () => {
    for (const [isNews, wanted] of [
      [true, news],
      [false, byTime],
    ] as const) {
      const report = deployReport(
        { what: { deploy: 'live' }, runAgain: 'landfall replay x', isNews },
        outcome,
      );
      assert.deepEqual(
        report.lines.map(({ level, message }) => `${level} ${message}`),
        [wanted],
      );
      assert.equal(report.lines[0]?.fields['deploy'], 'live');
      assert.deepEqual(report.counts, counts);
    }
  });

test('a deploy that fails as it did before is told of more quietly, with its tries and when the next one is', () => {
  const failed = {
    outcome: 'failed',
    error: error('DEPLOY_UNAVAILABLE'),
    attempts: 3,
    retryMs: 4000.4,
  } as const;
  const [line] = deployReport({ what: {}, isNews: true, isRepeated: true }, failed).lines;
  assert.equal(line?.level, 'debug');
  assert.deepEqual([line?.fields['attempts'], line?.fields['nextTryInMs']], [3, 4000]);
});

test('a deploy that failed before names the command that runs it again', () => {
  const asked = { what: {}, runAgain: 'landfall replay web/app --deploy live', isNews: true };
  const [line] = deployReport(asked, { outcome: 'failed-before', code: 'DEPLOY_FAILED' }).lines;
  assert.equal(line?.fields['next'], 'Run it again with: landfall replay web/app --deploy live');
});
