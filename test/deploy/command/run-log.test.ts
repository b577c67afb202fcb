import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { knownSecrets } from '../../../shared/credentials/known-secrets.ts';
import { deployFailed, deployUnavailable } from '../../../shared/deploy/kit/failures.ts';
import { keepRun, readRuns, standingOfRun } from '../../../shared/deploy/visit/run-history.ts';
import { RunLog } from '../../../shared/deploy/visit/run-log.ts';
import { RUN_LOG_CHARACTERS, RUN_LOG_LINES } from '../../../shared/limits.ts';
import { runsKey } from '../../../shared/store/layout.ts';
import { openMemoryStore } from '../../../shared/store/memory/memory-store.ts';
import { ID, ManualClock } from '../../support/stores/memory-sources.ts';
import { runAt } from '../ledger/ledger-facts.ts';

const clock = new ManualClock();
const linesOf = (log: RunLog): readonly string[] => log.read().map(({ line }) => line);

describe('the log of a run', () => {
  test('has one line each, without secrets, of bounded length', () => {
    const log = new RunLog(clock);
    knownSecrets.noteCredential({ kind: 'basic', username: 'ada', password: 'canary-of-a-log' });
    log.write('two\nlines of canary-of-a-log');
    log.write('x'.repeat(RUN_LOG_CHARACTERS + 1));
    const [first, second] = linesOf(log);
    assert.equal(first, 'two lines of ***');
    assert.equal(second?.length, RUN_LOG_CHARACTERS);
  });

  test('keeps the last lines, however many are written', () => {
    const log = new RunLog(clock);
    const most = 3 * RUN_LOG_LINES + 7;
    for (let line = 1; line <= most; line += 1) log.write(String(line));
    const lines = linesOf(log);
    assert.equal(lines.length, RUN_LOG_LINES);
    assert.deepEqual([lines[0], lines.at(-1)], [String(most - RUN_LOG_LINES + 1), String(most)]);
  });

  test('gives what is not kept yet, each line once', () => {
    const log = new RunLog(clock);
    log.write('a');
    const said = log.read();
    log.write('b');
    log.kept(said);
    assert.deepEqual(linesOf(log), ['b']);
    log.kept([]);
    assert.deepEqual(linesOf(log), ['b']);
    log.kept(log.read());
    assert.deepEqual(linesOf(log), []);
  });
});

describe('the last runs of a deploy', () => {
  const store = () => openMemoryStore();
  const id = { ...ID, deploy: 'app' };
  const running = { state: 'Running', message: null } as const;

  async function kept(
    { objects }: ReturnType<typeof store>,
    generation: number,
    standing: Parameters<typeof keepRun>[0]['standing'],
    { lines = [], history }: { readonly lines?: readonly string[]; readonly history?: number } = {},
  ) {
    const log = new RunLog(clock);
    for (const line of lines) log.write(line);
    const entry = { name: 'app', ...(history !== undefined && { history }) };
    await keepRun(
      { entry, run: runAt(generation, 'look'), standing, log },
      { clock, store: { objects }, id },
      { clock },
    );
    return readRuns(objects, 'app', ID);
  }

  test('are each one, however often they are visited, with all that they said', async () => {
    const where = store();
    await kept(where, 1, { state: 'Running', message: '1 of 2' }, { lines: ['begun'] });
    await kept(where, 1, { state: 'Running', message: '1 of 2' }, { lines: ['goes on'] });
    const [run, ...others] = await kept(where, 1, { state: 'Failed', message: 'no' });
    assert.deepEqual(others, []);
    assert.equal(run?.state, 'Failed');
    assert.notEqual(run?.ended, null);
    assert.deepEqual(
      run?.log.map(({ line }) => line),
      ['begun', 'Running: 1 of 2', 'goes on', 'Failed: no'],
    );
  });

  test('are the newest, as many as the document says', async () => {
    const where = store();
    for (const generation of [1, 2, 3]) await kept(where, generation, running, { history: 2 });
    const runs = await kept(where, 2, running, { history: 2 });
    assert.deepEqual(
      runs.map(({ generation }) => generation),
      [3, 2],
    );
    assert.deepEqual(
      runs.map(({ ended, log }) => [ended, log]),
      [
        [null, []],
        [null, []],
      ],
    );
  });

  // Until somebody deleted it by hand no run was kept any more, and nothing said so.
  test('are kept anew where those before cannot be read, and not where a later version wrote them', async () => {
    const where = store();
    const key = runsKey('app', ID);
    await where.objects.replace(key, Buffer.from('{"formatVersion":1,"ru'), undefined);
    const runs = await kept(where, 2, running, { lines: ['begun'] });
    assert.deepEqual(
      runs.map(({ generation }) => generation),
      [2],
    );
    const { version } = (await where.objects.get(key)) ?? {};
    await where.objects.replace(key, Buffer.from('{"formatVersion":9}'), version);
    await assert.rejects(kept(where, 3, running), { code: 'STORE_VERSION' });
  });

  test('stand as their outcome says', () => {
    const revision = { generation: 1, revision: 'r', digest: runAt(1, 'look').digest };
    const failed = { outcome: 'failed', error: deployFailed('no') } as const;
    assert.deepEqual(standingOfRun(failed), { state: 'Failed', message: 'DEPLOY_FAILED: no' });
    const back = standingOfRun({ ...failed, error: deployUnavailable('away'), isRolledBack: true });
    assert.deepEqual(back, { state: 'RolledBack', message: 'DEPLOY_UNAVAILABLE: away' });
    assert.deepEqual(standingOfRun({ outcome: 'applied', revision }), { state: 'Succeeded', message: null });
    const goesOn = {
      outcome: 'running',
      revision,
      message: 'm',
      runId: 'r',
      isVisited: true,
      waitMs: 1,
    } as const;
    assert.deepEqual(standingOfRun(goesOn), { state: 'Running', message: 'm' });
  });
});
