import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { keptRoots } from '../../../shared/store/kept-roots.ts';
import { memoryObjectStore } from '../../../shared/store/memory/memory-object-store.ts';
import { policyInForce } from '../../../shared/verify/in-force/policy-in-force.ts';
import type { CosignPolicy } from '../../../shared/verify/policy/policy.ts';
import type { TrustSources } from '../../../shared/verify/policy/trust-sources.ts';
import { verifyDigest } from '../../../shared/verify/verify.ts';
import { movedClock } from '../../support/moved-clock.ts';
import { OURS, repository, scene } from '../keyless-scene.ts';
import { WORKFLOW } from '../scaffold.ts';
import { pushBundle } from '../signing.ts';
import { TufRepository } from './tuf-repository.ts';

export const OUR_ROOT = JSON.stringify(OURS.root);
export const HOUR_MS = 3_600_000;

/** A store that several processes share, a mirror, and something that our workflow signed. */
export async function openTuf(t: TestContext) {
  const tuf = new TufRepository();
  const url = await tuf.open(t);
  const clock = movedClock(Date.now());
  const objects = memoryObjectStore();
  const at = scene();
  pushBundle(at.registry, at.digest, await OURS.bundle(at.digest, WORKFLOW));
  const start = (): TrustSources => ({
    kmsKey: () => assert.fail('no KMS'),
    clock,
    env: {},
    kept: keptRoots(objects),
  });
  const inForce = (trust: TrustSources, more: Partial<CosignPolicy> = {}) =>
    policyInForce(
      {
        provider: 'cosign',
        keys: [],
        identities: [WORKFLOW],
        transparencyLog: true,
        require: 'any',
        trustedRoot: { tuf: url, root: { pem: tuf.first }, local: true },
        ...more,
      },
      { trust },
    );
  const verified = async (trust: TrustSources) =>
    verifyDigest({ repository, digest: at.digest, policy: await inForce(trust) }, at.registry);
  return { tuf, url, clock, objects, start, inForce, verified };
}
