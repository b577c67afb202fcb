import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as z from 'zod/mini';
import { DEPLOY_KINDS } from '../../shared/deploy/kinds/deploy-kinds.ts';
import { KIND_SCHEMAS } from '../../shared/deploy/kinds/kind-schemas.ts';
import { defineDeploy } from '../../shared/deploy/kit/define-deploy.ts';
import { deployFailed } from '../../shared/deploy/kit/failures.ts';

const nothing = async () => ({ changes: [], summary: 'nothing' });

describe('a kind of deploy is defined', () => {
  test('with what it does in one visit', () => {
    const kind = defineDeploy({
      kind: 'note',
      settings: z.object({ text: z.string() }),
      plan: async ({ settings }) => ({ changes: [{ action: 'run', what: settings.text }], summary: '1' }),
      step: async ({ artifact }) => {
        if (artifact.files.length === 0) throw deployFailed('no file');
        return { state: 'succeeded' };
      },
    });
    assert.equal(kind.kind, 'note');
  });

  test('with progress that a later look is given, as it has the type', () => {
    const kind = defineDeploy({
      kind: 'slow',
      settings: z.object({ target: z.string() }),
      progress: z.object({ job: z.string() }),
      result: z.object({ url: z.string() }),
      plan: nothing,
      step: async ({ runId }) => ({
        state: 'running',
        progress: { job: runId },
        message: 'began',
        lookAgainMs: 5_000,
      }),
      look: async ({ applied }, { job }) => ({
        state: 'succeeded',
        result: { url: applied?.result?.url ?? job },
      }),
    });
    assert.equal(kind.definition.kind, 'slow');
  });

  test('not under a name that documents cannot have', () => {
    const settings = z.object({});
    const step = async () => ({ state: 'succeeded' }) as const;
    for (const kind of ['', 'Stack', 'a b', 'x'.repeat(65)])
      assert.throws(() => defineDeploy({ kind, settings, plan: nothing, step }), /wanted/);
  });

  test('not with progress that nobody looks at', () => {
    const progress = z.object({ id: z.string() });
    const step = async () =>
      ({ state: 'running', progress: { id: '1' }, message: 'm', lookAgainMs: 1 }) as const;
    assert.throws(
      () => defineDeploy({ kind: 'half', settings: z.object({}), progress, plan: nothing, step }),
      /both/,
    );
  });
});

test('documents know of each kind what the kind itself does', () => {
  const kinds = Object.values(DEPLOY_KINDS).map(({ definition: { kind, settings, progress } }) => [
    kind,
    settings,
    progress !== undefined,
  ]);
  assert.deepEqual(
    KIND_SCHEMAS.map(({ kind, isLong }) => [kind, isLong]),
    kinds.map(([kind, , isLong]) => [kind, isLong]),
  );
  for (const [at, { settings }] of KIND_SCHEMAS.entries()) assert.equal(settings, kinds[at]?.[1]);
});
