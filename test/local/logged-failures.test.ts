import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../shared/clock.ts';
import { LandfallError } from '../../shared/errors.ts';
import type { LogFields } from '../../shared/log.ts';
import { atEnd } from '../support/at-end.ts';
import { until } from '../support/until.ts';
import { servedFor } from '../trigger/served.ts';

// 761 lines of error in 100 s of six sources, whose password's file was not there.
test('a failure that goes on from look to look is an error in the log at its first, second, fourth, eighth time', async (t) => {
  const lines: string[] = [];
  const broken = (): never => {
    throw new LandfallError('CREDENTIAL_UNREADABLE', 'the file of the password is not there');
  };
  const { begun } = await servedFor(t, 'sources: [{ name: a, url: "oci://127.0.0.1:1/a", interval: 1s }]', {
    clock: { ...systemClock, sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 20), signal) },
    registry: new Proxy({} as never, { get: () => broken }),
    log: (level, message, fields?: LogFields) => {
      if (message === 'reconcile failed') lines.push(`${level} ${fields?.['code']} ${fields?.['trigger']}`);
    },
  });
  const serving = await begun;
  atEnd(t, () => serving.close());
  await until('ten looks', () => lines.length >= 10 || undefined);
  const levels = lines.slice(0, 10).map((line) => line.split(' ')[0]);
  assert.deepEqual(
    levels.map((level, at) => (level === 'error' ? at + 1 : 0)).filter((at) => at > 0),
    [1, 2, 4, 8],
    lines.join('\n'),
  );
});
