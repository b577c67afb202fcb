import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as z from 'zod/mini';
import { addKind, kindSchemas } from '../../../shared/deploy/kinds/kind-schemas.ts';
import { nameKinds, ownKinds } from '../../../shared/deploy/kinds/own-kinds.ts';
import { defineDeploy } from '../../../shared/deploy/kit/define-deploy.ts';

const kindOf = (kind: string, isLong = false) =>
  defineDeploy({
    kind,
    settings: z.object({ file: z.string() }),
    plan: async () => ({ changes: [], summary: '' }),
    step: async () => ({ state: 'succeeded' }),
    ...(isLong && { progress: z.object({ job: z.string() }), look: async () => ({ state: 'succeeded' }) }),
  });

const schemaOf = (kind: string) => kindSchemas().find((each) => each.kind === kind);

describe('a kind of a team’s own', () => {
  test('is known to documents by its name, its settings and whether it goes on after a step', () => {
    const [short, long] = [kindOf('short'), kindOf('long', true)];
    for (const kind of [short, long]) addKind(kind);
    assert.deepEqual([schemaOf('short')?.isLong, schemaOf('long')?.isLong], [false, true]);
    assert.equal(schemaOf('short')?.settings.safeParse({ file: 1 }).success, false);
    assert.equal(ownKinds().get('short'), short);
  });

  test('is added twice as once, and another of its name is refused', () => {
    const kind = kindOf('twice');
    addKind(kind);
    addKind(kind);
    const refused = { name: 'TypeError', message: /there is a kind "twice" already/ };
    assert.throws(() => addKind(kindOf('twice')), refused);
    assert.equal(ownKinds().get('twice'), kind);
  });

  test('does not take the place of one of Landfall', () => {
    assert.throws(() => addKind(kindOf('stack')), { message: /there is a kind "stack" already/ });
    assert.equal(ownKinds().has('stack'), false);
  });

  test('that is only named takes what a document says of it, until it is added', () => {
    nameKinds(['elsewhere']);
    assert.partialDeepStrictEqual(schemaOf('elsewhere'), { isLong: true, isOpen: true });
    addKind(kindOf('elsewhere'));
    const known = kindSchemas().filter(({ kind }) => kind === 'elsewhere');
    assert.deepEqual(
      known.map(({ isLong, isOpen }) => ({ isLong, isOpen })),
      [{ isLong: false, isOpen: undefined }],
    );
  });
});
