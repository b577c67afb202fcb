import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { OURS, scene, verified } from './keyless-scene.ts';
import { isUndated, LOG_FORMS, type LogForm } from './log-forms.ts';
import { authorityOf, mintAuthority, mintLeaf } from './minted-certificate.ts';
import { openScaffold, WORKFLOW } from './scaffold.ts';
import { pushBundle } from './signing.ts';

const THEIRS = await openScaffold();
const FORMS = Object.keys(LOG_FORMS) as readonly LogForm[];

for (const logForm of FORMS) {
  test(`a bundle that is logged as ${logForm} is verified`, async () => {
    const at = scene();
    pushBundle(at.registry, at.digest, await OURS.bundle(at.digest, WORKFLOW, { logForm }));
    const [signature] = (await verified(at)).signatures;
    assert.equal(signature?.signedAt === null, isUndated(logForm));
    assert.match(signature?.logIndex ?? '', /^\d+$/);
  });

  test(`an entry of ${logForm} that logs another key than the one that signed is refused`, async () => {
    const at = scene();
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const logAs = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    pushBundle(at.registry, at.digest, await OURS.bundle(at.digest, WORKFLOW, { logForm, logAs }));
    await assert.rejects(verified(at), { code: 'SIGNATURE_REFUSED', message: /of another key/ });
  });

  test(`an entry of ${logForm} of another signature is refused`, async () => {
    const at = scene();
    const [made, other] = [
      await OURS.bundle(at.digest, WORKFLOW, { logForm }),
      await OURS.bundle(at.digest, WORKFLOW, { logForm }),
    ];
    const { tlogEntries } = other.verificationMaterial;
    const material = { ...made.verificationMaterial, tlogEntries };
    pushBundle(at.registry, at.digest, { ...made, verificationMaterial: material });
    await assert.rejects(verified(at), { code: 'SIGNATURE_REFUSED' });
  });
}

type Bundle = Awaited<ReturnType<typeof OURS.bundle>>;
type Entry = Bundle['verificationMaterial']['tlogEntries'][number];
const withEntries = (made: Bundle, tlogEntries: readonly unknown[]) => ({
  ...made,
  verificationMaterial: { ...made.verificationMaterial, tlogEntries },
});

test('one bad entry beside a good one is enough to refuse', async () => {
  const at = scene();
  const made = await OURS.bundle(at.digest);
  const theirs = await THEIRS.bundle(at.digest);
  const entries = [...made.verificationMaterial.tlogEntries, ...theirs.verificationMaterial.tlogEntries];
  pushBundle(at.registry, at.digest, withEntries(made, entries));
  await assert.rejects(verified(at), { code: 'SIGNATURE_REFUSED' });
});

test('a time that only an entry says is none: a log that promises nothing needs a time stamp', async () => {
  const at = scene();
  const made = await OURS.bundle(at.digest);
  const said = made.verificationMaterial.tlogEntries.map(({ inclusionPromise, ...entry }: Entry) => entry);
  pushBundle(at.registry, at.digest, withEntries(made, said));
  await assert.rejects(verified(at), { code: 'SIGNATURE_REFUSED', message: /timestamps/ });
});

test('a time stamp of another signature, or of others, is refused', async () => {
  const logForm = 'dsse 0.0.2';
  const at = scene();
  const made = await OURS.bundle(at.digest, WORKFLOW, { logForm });
  for (const scaffold of [OURS, THEIRS]) {
    const { verificationMaterial } = await scaffold.bundle(at.digest, WORKFLOW, { logForm });
    const { timestampVerificationData } = verificationMaterial;
    const material = { ...made.verificationMaterial, timestampVerificationData };
    pushBundle(at.registry, at.digest, { ...made, verificationMaterial: material });
  }
  await assert.rejects(verified(at), { code: 'SIGNATURE_REFUSED', message: /timestamp could not/ });
});

test('an entry of one trusted log under the checkpoint of another, whose key begins alike, is refused', async () => {
  const at = scene();
  const authority = mintAuthority();
  const signer = mintLeaf(authority, WORKFLOW);
  const [ours, theirs] = [OURS.root.tlogs[0], THEIRS.root.tlogs[0]];
  const made = await THEIRS.bundle(at.digest, WORKFLOW, { signer, logForm: 'dsse 0.0.2' });
  const [entry] = made.verificationMaterial.tlogEntries;
  assert.ok(ours !== undefined && theirs !== undefined && entry !== undefined);
  const begin = Buffer.from(ours.logId.keyId, 'base64').subarray(0, 4);
  const alike = Buffer.concat([begin, Buffer.from(theirs.logId.keyId, 'base64').subarray(4)]);
  const root = {
    ...THEIRS.root,
    ...{ ctlogs: [], certificateAuthorities: [authorityOf(authority)] },
    tlogs: [{ ...theirs, logId: { keyId: alike.toString('base64') } }, ours],
  };
  const envelope = (entry.inclusionProof.checkpoint.envelope ?? '').replace(/\S+\n$/, (signature: string) => {
    const bytes = Buffer.from(signature, 'base64');
    return `${Buffer.concat([begin, bytes.subarray(4)]).toString('base64')}\n`;
  });
  const inclusionProof = { ...entry.inclusionProof, checkpoint: { envelope } };
  const claiming = (keyId: string) => withEntries(made, [{ ...entry, logId: { keyId }, inclusionProof }]);

  pushBundle(at.registry, at.digest, claiming(ours.logId.keyId));
  await assert.rejects(verified(at, {}, root), { code: 'SIGNATURE_REFUSED', message: /checkpoint/ });
  pushBundle(at.registry, at.digest, claiming(alike.toString('base64')));
  assert.equal((await verified(at, {}, root)).signatures.length, 1);
});

test('the place in the log that is told is the one that was proven', async () => {
  const at = scene();
  const made = await OURS.bundle(at.digest, WORKFLOW, { logForm: 'dsse 0.0.2' });
  const [entry] = made.verificationMaterial.tlogEntries;
  pushBundle(at.registry, at.digest, withEntries(made, [{ ...entry, logIndex: '4711' }]));
  const [signature] = (await verified(at)).signatures;
  assert.equal(signature?.logIndex, entry?.inclusionProof.logIndex);
});
