import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ResourceChange } from '../../../shared/deploy/stack/cloudformation.ts';
import { checkLosses } from '../../../shared/deploy/stack/stack-losses.ts';

const TABLE = 'AWS::DynamoDB::Table';

const changeOf = (changes: Partial<ResourceChange>): ResourceChange => ({
  ...{ action: 'Modify', logicalId: 'Table', type: TABLE, replacement: undefined, policy: undefined },
  ...changes,
});

/** Whether it was refused; what runs before that has then run, and only then. */
async function isRefused(change: Partial<ResourceChange>, mayLose: readonly string[] = []): Promise<boolean> {
  let isDiscarded = false;
  const work = checkLosses([changeOf(change)], { stack: 'network', protect: [TABLE], mayLose }, async () => {
    isDiscarded = true;
  });
  const refused = await work.then(
    () => false,
    ({ code }: { readonly code: string }) => code === 'DEPLOY_FAILED',
  );
  assert.equal(isDiscarded, refused);
  return refused;
}

describe('a change of what is protected', () => {
  const cases: readonly (readonly [Partial<ResourceChange>, boolean])[] = [
    [{ action: 'Add' }, false],
    [{ action: 'Add', replacement: 'True' }, false],
    [{ action: 'Import' }, false],
    [{ action: 'Modify' }, false],
    [{ action: 'Modify', replacement: 'False' }, false],
    [{ action: 'Modify', replacement: 'Conditional' }, true],
    [{ action: 'Modify', replacement: 'True' }, true],
    [{ action: 'Modify', replacement: 'True', policy: 'ReplaceAndRetain' }, false],
    [{ action: 'Modify', replacement: 'True', policy: 'ReplaceAndDelete' }, true],
    [{ action: 'Remove' }, true],
    [{ action: 'Remove', policy: 'Delete' }, true],
    [{ action: 'Remove', policy: 'Retain' }, false],
    [{ action: 'Remove', policy: 'Snapshot' }, false],
    [{ action: 'Remove', type: 'AWS::SNS::Topic' }, false],
  ];
  for (const [change, wanted] of cases)
    test(`is ${wanted ? 'refused' : 'made'}: ${Object.values(change).join(', ')}`, async () => {
      assert.equal(await isRefused(change), wanted);
    });

  test('is made where the document lets it go, and no other', async () => {
    assert.equal(await isRefused({ action: 'Remove' }, ['Table']), false);
    assert.equal(await isRefused({ action: 'Remove' }, ['Other']), true);
  });
});
