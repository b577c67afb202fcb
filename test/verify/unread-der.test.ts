import assert from 'node:assert/strict';
import { sign, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { ASN1Obj } from '@sigstore/core';
import { der, sequence } from './der.ts';
import type { Minted } from './minted-certificate.ts';
import { AUTHORITY, envelopeOf, pushEnvelope, SIGNER, scene, verified } from './notation-scene.ts';

const ECDSA_SHA256 = sequence(Buffer.from('06082a8648ce3d040302', 'hex'));
/** P-256 as the curve of a key, and the same bytes under a tag that says that there is more in it. */
const CURVE = Buffer.from('06082a8648ce3d030107', 'hex');
const UNREADABLE = Buffer.from('b8082a8648ce3d030107', 'hex');

/** A certificate that our authority, or one of anybody's own, could issue: OpenSSL takes it, who takes its DER apart does not. */
function unread({ keys, certificate }: Minted): Minted {
  const tbs = ASN1Obj.parseBuffer(Buffer.from(certificate.raw)).subs[0]?.toDER() ?? Buffer.alloc(0);
  UNREADABLE.copy(tbs, tbs.indexOf(CURVE));
  const signature = sign('sha256', tbs, AUTHORITY.keys.privateKey);
  const raw = sequence(tbs, ECDSA_SHA256, der(0x03, Buffer.from([0]), signature));
  return { keys, certificate: new X509Certificate(raw) };
}

test('a certificate in DER that cannot be taken apart is refused, and hides no good envelope behind it', async () => {
  const at = await scene();
  pushEnvelope(at, await envelopeOf(at, { chain: [unread(SIGNER), AUTHORITY] }));
  await assert.rejects(verified(at), {
    code: 'SIGNATURE_REFUSED',
    message: /certificate 1 of its chain is in DER that cannot be taken apart/,
  });
  pushEnvelope(at, await envelopeOf(at));
  assert.equal((await verified(at)).signatures.length, 1);
});
