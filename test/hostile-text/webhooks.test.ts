import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reportUnread } from '../../functions/receive.ts';
import { reportReceived } from '../../local/report.ts';
import { createLog } from '../../shared/log.ts';
import { LoggedOnce } from '../../shared/trigger/logged-once.ts';
import { assertOneLine, HOSTILE_TEXT, poisoned } from '../support/hostile-text.ts';
import { stoppedClock } from '../trigger/receivers/samples.ts';
import { FIXTURES } from '../trigger/senders/all.ts';
import { deliver, requestOf } from '../trigger/senders/deliver.ts';

/** What a header can carry of it. */
const HEADER = 'a\u0085\u009b1m\u00ad';

for (const fixture of FIXTURES)
  test(`what a sender says forges and hides nothing in a log: ${fixture.entry.type} ${fixture.cases.length}`, async () => {
    const lines: string[] = [];
    const logs = (['json', 'text'] as const).map((format) =>
      createLog({ format, level: 'debug', now: () => 0, write: (line) => void lines.push(line) }),
    );
    for (const { body, headers } of fixture.cases)
      for (const bad of [...(typeof body === 'string' ? [] : poisoned(body)), HOSTILE_TEXT])
        for (const more of [
          headers,
          { ...headers, 'x-github-event': HEADER, 'ce-type': HEADER, 'content-type': HEADER },
        ]) {
          const request = requestOf(fixture, { body: bad, ...(more && { headers: more }) });
          const { status, code, why, seen } = await deliver(fixture, request);
          const received = {
            receiver: 'a',
            status,
            sources: [],
            ...(code && { code }),
            ...(why && { why }),
            ...(seen && { seen }),
          };
          for (const log of logs) {
            reportReceived(log, received);
            reportUnread(log, received, new LoggedOnce(stoppedClock));
          }
          for (const text of [why, ...Object.values(seen ?? {})])
            assertOneLine(String(text ?? ''), 'what is logged');
        }
    assert.ok(lines.length > 0);
    for (const line of lines) assertOneLine(line, 'a line');
  });
