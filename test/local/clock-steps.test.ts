import assert from 'node:assert/strict';
import { readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startEmbeddedRegistry } from '../../embedded-registry/embedded-registry.ts';
import { systemClock } from '../../shared/clock.ts';
import { readStatus } from '../../shared/store/status-store.ts';
import { plantFiles } from '../support/artifacts/sample-artifacts.ts';
import { atEnd } from '../support/at-end.ts';
import { folderFor } from '../support/cli.ts';
import { until } from '../support/until.ts';
import { servedFor } from '../trigger/served.ts';

const DAY = 86_400_000;
const YEAR = 365 * DAY;
/** One after the other, each from where the last one left the clock. */
const STEPS = [-40_000, 40_000, -DAY, 2 * DAY, 20 * YEAR, -30 * YEAR, 10 * YEAR];

// Of -40 s the next revision was seen after 40 s, of -1 day after a day.
test('wherever the clock of a running serve is set, the next push is landed and deployed, by schedule', async (t) => {
  const registry = await startEmbeddedRegistry();
  atEnd(t, () => registry.close());
  const live = join(await folderFor(t), 'live');
  let setBy = 0;
  const steps: unknown[] = [];
  const text = `
sources: [{ name: app, url: "oci://${registry.host}/team/app", ref: { tag: live }, interval: 1s }]
deploys: [{ name: site, kind: directory, source: default/app, target: ${live} }]
`;
  plantFiles(registry, 'live', { 'app.yaml': 'push: 0\n' });
  const { begun } = await servedFor(t, text, {
    clock: { ...systemClock, now: () => Date.now() + setBy },
    log: (_, message, fields) => {
      if (message === 'the clock was set') steps.push(fields?.['byMs']);
    },
  });
  const serving = await begun;
  atEnd(t, () => serving.close());
  const at = async (generation: number): Promise<void> => {
    const { current } = await until(`generation ${generation}`, async () => {
      const stored = await readStatus(serving.store.objects, { namespace: 'default', name: 'app' });
      return stored?.status.generation === generation ? stored.status : undefined;
    });
    const hex = current?.digest.split(':')[1] ?? 'nothing';
    await until(`the link to follow to ${generation}`, async () =>
      (await readlink(live).catch(() => '')).includes(hex) ? true : undefined,
    );
  };
  await at(1);
  for (const [step, byMs] of STEPS.entries()) {
    setBy += byMs;
    plantFiles(registry, 'live', { 'app.yaml': `push: ${step + 1}\n` });
    await at(step + 2);
  }
  assert.deepEqual(
    steps.map((byMs) => Math.round(Number(byMs) / 10_000) * 10_000),
    STEPS,
    'each is told once',
  );
  t.diagnostic(
    `seen: ${STEPS.length} steps of a running serve, from -30 to +20 years: each push landed and deployed`,
  );
});
