import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { DeploySpec } from '../../../shared/deploy/visit/deployer.ts';
import type { Status } from '../../../shared/model/status.ts';
import type { Verification } from '../../../shared/model/verification.ts';
import { type Digest, digestOf } from '../../../shared/oci/digest.ts';
import { updateStatus } from '../../../shared/store/status-store.ts';
import { ID } from '../../support/stores/memory-sources.ts';
import { type DeployWorld, openDeployWorld } from '../deploy-world.ts';
import { openSlow } from './slow-kind.ts';

const NOW = digestOf('the policy of now');
const verifiedUnder = (policy: Digest): Verification => ({
  provider: 'cosign',
  policy,
  signatures: [{ signer: { key: digestOf('key') }, found: 'layer 0', signedAt: null, logIndex: null }],
});

/** What status says of the policy there is and of how what is current was verified. */
async function say(
  world: DeployWorld,
  policy: Digest | undefined,
  verification?: Verification,
): Promise<void> {
  const change = (status: Status | undefined): Status | undefined => {
    if (status?.current == null) return undefined;
    const { verification: _, ...current } = status.current;
    return {
      ...status,
      ...(policy !== undefined && { policy }),
      current: { ...current, ...(verification !== undefined && { verification }) },
    };
  };
  await updateStatus(world.store.objects, ID, change, world);
}

const cases: readonly (readonly [
  what: string,
  spec: Partial<DeploySpec>,
  policy: Digest | undefined,
  verification: Verification | undefined,
  holds: RegExp | undefined,
])[] = [
  ['of a source without a policy', {}, undefined, undefined, undefined],
  ['verified under the policy of now', {}, NOW, verifiedUnder(NOW), undefined],
  [
    'verified under the one before',
    {},
    NOW,
    verifiedUnder(digestOf('before')),
    /under the policy that web\/site has now/,
  ],
  ['landed before there was a policy', {}, NOW, undefined, /landfall status web\/site/],
  [
    'of a source without a policy, where it has to be verified',
    { verify: 'required' },
    undefined,
    undefined,
    /give source web\/site a policy/,
  ],
  ['verified, where it has to be', { verify: 'required' }, NOW, verifiedUnder(NOW), undefined],
  [
    'of which nothing was looked at, where it has to be verified',
    { verify: 'required' },
    NOW,
    { ...verifiedUnder(NOW), signatures: [] },
    /not verified, and the deploy wants it/,
  ],
];

describe('a deploy of what is', () => {
  for (const [what, spec, policy, verification, holds] of cases)
    test(`${what} ${holds === undefined ? 'begins' : 'waits, and says for what'}`, async () => {
      const world = openDeployWorld();
      const { target, run } = openSlow(world, spec);
      const event = await world.land({ 'a.txt': '1' });
      await say(world, policy, verification);
      const outcome = await run(event);
      if (holds === undefined) return assert.notEqual(outcome.outcome, 'waiting');
      assert.ok(outcome.outcome === 'waiting' && outcome.waitsFor === 'verification');
      assert.match(outcome.message, holds);
      assert.ok(outcome.waitMs !== undefined, 'it is looked at again by time');
      assert.deepEqual(target.calls, []);
      assert.equal((await world.ledger()).run, null);
      assert.equal(world.events('Deploy Waiting').length, 1);
      await say(world, policy ?? NOW, verifiedUnder(policy ?? NOW));
      assert.notEqual((await run(event)).outcome, 'waiting', 'once it is verified');
    });

  test('unsigned waits for that before anybody is asked to approve it', async () => {
    const world = openDeployWorld();
    const { target, run } = openSlow(world, { verify: 'required', approval: 'required' });
    const event = await world.land({ 'a.txt': '1' });
    const outcome = await run(event);
    assert.ok(outcome.outcome === 'waiting' && outcome.waitsFor === 'verification');
    assert.deepEqual(target.calls, []);
  });
});
