import assert from 'node:assert/strict';
import { test } from 'node:test';
import { octets, sequence } from './der.ts';
import { OURS, scene, verified } from './keyless-scene.ts';
import { WORKFLOW } from './scaffold.ts';
import { pushBundle } from './signing.ts';

/** Behind the tag and the length of the sequence that a certificate is. */
const HEAD = 4;

test('a certificate of ours with one of others in PEM inside it is refused', async () => {
  const at = scene();
  const ours = await OURS.bundle(at.digest);
  const theirs = await OURS.bundle(at.digest, { ...WORKFLOW, subject: 'https://evil.example' });
  const { rawBytes } = theirs.verificationMaterial.certificate;
  const pem = `\n-----BEGIN CERTIFICATE-----\n${rawBytes.replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`;
  const signed = Buffer.from(ours.verificationMaterial.certificate.rawBytes, 'base64').subarray(HEAD);
  const forged = sequence(signed, octets(Buffer.from(pem))).toString('base64');
  const material = { ...theirs.verificationMaterial, certificate: { rawBytes: forged } };
  pushBundle(at.registry, at.digest, { ...theirs, verificationMaterial: material });
  await assert.rejects(verified(at), { code: 'SIGNATURE_REFUSED', message: /not the DER of one/ });
});
