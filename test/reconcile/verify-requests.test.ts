import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import type { Digest } from '../../shared/oci/digest.ts';
import { OCI_MANIFEST } from '../../shared/oci/media-types.ts';
import type { VerifyPolicy } from '../../shared/verify/policy/policy.ts';
import { committed, openWorld, sourceOf, type World } from '../support/stores/memory-sources.ts';
import { envelopeOf, policyOf, pushEnvelope } from '../verify/notation-scene.ts';
import { openScaffold, WORKFLOW } from '../verify/scaffold.ts';
import { payloadOf, pushBundle, pushLayers } from '../verify/signing.ts';

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const SCAFFOLD = await openScaffold();
const cosign = {
  provider: 'cosign',
  keys: [],
  identities: [],
  transparencyLog: true,
  require: 'any',
} as const;

/** Each signs in its way; `verify` wants just that. */
const WAYS: readonly (readonly [
  what: string,
  verify: VerifyPolicy,
  sign: (world: World, digest: Digest) => Promise<void>,
])[] = [
  [
    'a layer of a key',
    {
      ...cosign,
      transparencyLog: false,
      keys: [{ pem: publicKey.export({ type: 'spki', format: 'pem' }).toString() }],
    },
    async ({ registry }, digest) => {
      const payload = payloadOf(digest);
      pushLayers(registry, digest, [
        { payload, signature: sign('sha256', payload, privateKey).toString('base64') },
      ]);
    },
  ],
  [
    'a keyless bundle',
    { ...cosign, identities: [WORKFLOW], trustedRoot: { pem: JSON.stringify(SCAFFOLD.root) } },
    async ({ registry }, digest) => void pushBundle(registry, digest, await SCAFFOLD.bundle(digest)),
  ],
  [
    'an envelope of notation',
    policyOf(),
    async ({ registry }, digest) => {
      const { bytes } = await registry.manifest(sourceOf().repository, digest);
      registry.calls.pop();
      const target = { mediaType: OCI_MANIFEST, digest, size: bytes.length };
      pushEnvelope({ registry, digest }, await envelopeOf({ registry, digest, target }));
    },
  ],
];

/** Requests of a look that lands something, and of one that finds nothing new. */
async function requestsOf(
  verify: VerifyPolicy | undefined,
  signIt: (world: World, digest: Digest) => Promise<void>,
): Promise<readonly [landing: number, idle: number]> {
  const world = openWorld();
  const changes = verify === undefined ? {} : { verify };
  await signIt(world, world.push('latest', { 'a.txt': 'one' }));
  const before = world.registry.calls.length;
  committed(await world.look(changes));
  const landed = world.registry.calls.length;
  assert.equal((await world.look(changes)).outcome, 'unchanged');
  return [landed - before, world.registry.calls.length - landed];
}

for (const [what, verify, signIt] of WAYS) {
  test(`to find ${what} takes three requests of a changed revision, and none where nothing is new`, async () => {
    const [landing, idle] = await requestsOf(verify, signIt);
    const [without, idleWithout] = await requestsOf(undefined, signIt);
    assert.deepEqual({ more: landing - without, idle }, { more: 3, idle: idleWithout });
  });
}
