import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OCI_MANIFEST } from '../../shared/oci/media-types.ts';
import { REPOSITORY } from '../support/artifacts/sample-artifacts.ts';
import { OURS, openNotation, type Verdicts } from '../support/programs/notation-peer.ts';
import { skipWithout } from '../support/programs/tool.ts';
import { type Minted, mintAuthority } from '../verify/minted-certificate.ts';
import { envelopeOf, pushEnvelope, signer, type Wanted } from '../verify/notation-scene.ts';
import { plantSignatures } from '../verify/planted-signatures.ts';

const skip = skipWithout(
  ['notation'],
  'what notation signs, and that it decides on envelopes as Landfall does',
);
test('what notation signs is verified, by notation as by Landfall; before it is signed, by neither', {
  skip,
}, async (t) => {
  const { sign, verify } = await openNotation(t);
  assert.deepEqual(await verify(), [false, false]);
  await sign(signer({}, OURS));
  assert.deepEqual(await verify(), [true, true]);
  assert.deepEqual(
    await verify('strict', 'x509.subject: C=US, ST=WA, O=evil'),
    [false, false],
    'another identity',
  );
  assert.deepEqual(await verify('permissive'), [true, true]);
});

test('what another authority’s customer signs is refused by both, and let in by both under audit', {
  skip,
}, async (t) => {
  const { sign, verify } = await openNotation(t);
  const theirs = mintAuthority();
  await sign(signer({}, theirs), theirs);
  assert.deepEqual(await verify(), [false, false]);
  assert.deepEqual(await verify('permissive'), [false, false]);
  assert.deepEqual(await verify('audit'), [true, true]);
});

test('an envelope in COSE is taken by notation as by Landfall', { skip }, async (t) => {
  const { sign, verify } = await openNotation(t);
  await sign(signer({}, OURS), OURS, '--signature-format', 'cose');
  assert.deepEqual(await verify(), [true, true]);
});

const SCHEME = 'io.cncf.notary.signingScheme';
const EXPIRY = 'io.cncf.notary.expiry';
const at = (minutes: number): string =>
  `${new Date(Date.now() + minutes * 60_000).toISOString().slice(0, 19)}Z`;
const BY = signer({}, OURS);
const made = { signer: BY, chain: [BY, OURS] };

/** Of envelopes that we make: what both take and refuse, and what notation takes that its specification forbids. */
const MADE: readonly (readonly [
  what: string,
  wanted: (target: Readonly<Record<string, unknown>>) => Wanted,
  verdicts: Verdicts,
])[] = [
  ['a good one', () => made, [true, true]],
  [
    'one of another digest',
    (target) => ({ ...made, payload: { targetArtifact: { ...target, digest: OTHER } } }),
    [false, false],
  ],
  [
    'one of another size',
    (target) => ({ ...made, payload: { targetArtifact: { ...target, size: 1 } } }),
    [false, false],
  ],
  [
    'one of another type',
    (target) => ({ ...made, payload: { targetArtifact: { ...target, mediaType: 'a/b' } } }),
    [false, false],
  ],
  ['one whose payload was changed', () => ({ ...made, outer: { payload: 'e30' } }), [false, false]],
  [
    'one that has expired',
    () => ({
      ...made,
      header: { crit: [SCHEME, EXPIRY], 'io.cncf.notary.signingTime': at(-9), [EXPIRY]: at(-1) },
    }),
    [false, false],
  ],
  ['one without what is critical', () => ({ ...made, header: { crit: [] } }), [false, false]],
  [
    'one that calls critical what nobody reads',
    () => ({ ...made, header: { crit: [SCHEME, 'x'], x: 1 } }),
    [false, true],
  ],
  ['one by another algorithm', () => ({ ...made, header: { alg: 'ES384' } }), [false, false]],
  [
    'one of a certificate that has expired',
    () => chainOf(signer({ span: [-20, -10] }, OURS)),
    [false, false],
  ],
  [
    'one of a certificate for time stamps',
    () => chainOf(signer({ uses: ['timeStamping'] }, OURS)),
    [false, false],
  ],
  ['one without its root', () => ({ ...made, chain: [BY] }), [false, false]],
];
const OTHER = `sha256:${'3'.repeat(64)}`;
const chainOf = (by: Minted): Wanted => ({ signer: by, chain: [by, OURS] });

for (const [what, wanted, verdicts] of MADE) {
  const [ours, theirs] = verdicts.map((isTaken) => (isTaken ? 'takes' : 'refuses'));
  test(`of envelopes Landfall ${ours} ${what}, and notation ${theirs} it`, { skip }, async (t) => {
    const { registry, digest, verify } = await openNotation(t);
    const size = registry.content.ensure(REPOSITORY).manifests.get(digest)?.bytes.length;
    const target = { mediaType: OCI_MANIFEST, digest, size };
    await plantSignatures(registry, async (memory) => {
      const scene = { registry: memory, digest, target };
      pushEnvelope(scene, await envelopeOf(scene, wanted(target)));
    });
    assert.deepEqual(await verify(), verdicts);
  });
}
