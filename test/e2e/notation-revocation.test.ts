import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OCI_MANIFEST } from '../../shared/oci/media-types.ts';
import { REPOSITORY } from '../support/artifacts/sample-artifacts.ts';
import { OURS, openNotation, type Verdicts } from '../support/programs/notation-peer.ts';
import { skipWithout } from '../support/programs/tool.ts';
import { der, sequence } from '../verify/der.ts';
import { extension, mintAuthority } from '../verify/minted-certificate.ts';
import { envelopeOf, pushEnvelope, signer } from '../verify/notation-scene.ts';
import { plantSignatures } from '../verify/planted-signatures.ts';
import {
  FRESHEST,
  type ListAnswer,
  listedAt,
  mintList,
  openLists,
  pointsOf,
  SCOPE,
} from '../verify/revocation/minted-list.ts';

const skip = skipWithout(['notation'], 'that it decides on revoked certificates as Landfall does');

const elsewhere = der(0xa0, der(0xa0, der(0x86, Buffer.from('http://a.example/b.crl'))));
const REVOKED = mintList(OURS, { entries: [{ serial: 1 }] });

/** Where the two differ, Landfall is the stricter. */
const LISTS: readonly (readonly [
  what: string,
  list: (url: string) => ListAnswer,
  verdicts: Verdicts,
  level?: 'permissive' | 'audit',
])[] = [
  ['whose list has it not', () => mintList(OURS, { entries: [{ serial: 2 }] }), [true, true]],
  ['whose list is empty', () => mintList(OURS), [true, true]],
  ['whose list has it', () => REVOKED, [false, false]],
  ['whose list has it, under permissive', () => REVOKED, [true, true], 'permissive'],
  ['whose list has it, under audit', () => REVOKED, [true, true], 'audit'],
  ['that is on hold', () => mintList(OURS, { entries: [{ serial: 1, reason: 6 }] }), [false, false]],
  [
    'that was on hold and is not any more',
    () =>
      mintList(OURS, {
        entries: [
          { serial: 1, reason: 6, revoked: -9 },
          { serial: 1, reason: 8, revoked: -2 },
        ],
      }),
    [true, true],
  ],
  [
    'that is on hold again',
    () =>
      mintList(OURS, {
        entries: [
          { serial: 1, reason: 8, revoked: -9 },
          { serial: 1, reason: 6, revoked: -2 },
        ],
      }),
    [false, false],
  ],
  [
    'that is not trusted since after it signed',
    () => mintList(OURS, { entries: [{ serial: 1, invalidSince: 10 }] }),
    [false, false],
  ],
  ['whose list is not there', () => ({ status: 404 }), [false, false]],
  ['whose list is not there, under permissive', () => ({ status: 404 }), [true, true], 'permissive'],
  ['whose list is none', () => Buffer.from('none'), [false, false]],
  ['whose list ran out', () => mintList(OURS, { next: -1 }), [false, false]],
  ['whose list says no end', () => mintList(OURS, { next: null }), [false, false]],
  ['whose list others signed', () => mintList(mintAuthority([-60, 60], '03020106')), [false, false]],
  [
    'whose list has something critical that nobody reads',
    () => mintList(OURS, { extensions: [extension('06032a0304', Buffer.from('0500', 'hex'), true)] }),
    [false, false],
  ],
  [
    'whose list is of this place',
    (url) =>
      mintList(OURS, {
        extensions: [extension(SCOPE, sequence(der(0xa0, der(0xa0, der(0x86, Buffer.from(url))))), true)],
      }),
    [true, true],
  ],
  [
    'whose list is of another place',
    () => mintList(OURS, { extensions: [extension(SCOPE, sequence(elsewhere), true)] }),
    [false, true],
  ],
  ['whose list names another issuer', () => mintList(OURS, { issuer: 'theirs' }), [false, true]],
  [
    'whose list has a delta that is not there',
    () => mintList(OURS, { extensions: [extension(FRESHEST, pointsOf('http://127.0.0.1:1/d.crl'))] }),
    [false, false],
  ],
];

for (const [what, list, verdicts, level = 'strict'] of LISTS) {
  const [ours, theirs] = verdicts.map((isTaken) => (isTaken ? 'takes' : 'refuses'));
  test(`Landfall ${ours} a certificate ${what}, and notation ${theirs} it`, { skip }, async (t) => {
    const { registry, digest, verify } = await openNotation(t);
    const { url, answers } = await openLists(t);
    const place = `${url}/a.crl`;
    answers.set('/a.crl', list(place));
    const size = registry.content.ensure(REPOSITORY).manifests.get(digest)?.bytes.length;
    const target = { mediaType: OCI_MANIFEST, digest, size };
    const by = signer({ more: [listedAt(place)] }, OURS);
    await plantSignatures(registry, async (memory) => {
      const scene = { registry: memory, digest, target };
      pushEnvelope(scene, await envelopeOf(scene, { signer: by, chain: [by, OURS] }));
    });
    assert.deepEqual(await verify(level), verdicts);
  });
}
