import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { type Minted, mintAuthority, mintLeaf } from '../minted-certificate.ts';
import { envelopeOf, IDENTITY, policyOf, pushEnvelope, scene, verified } from '../notation-scene.ts';
import { WORKFLOW } from '../scaffold.ts';

const NAME = 'C=US, ST=WA, O=acme, CN=release';

/** As `notation cert generate-test` makes it: no authority's, for digital signatures alone, and signed by itself. */
function selfSigned(name = NAME): Minted {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return mintLeaf({ ...mintAuthority(), keys }, WORKFLOW, { keys, name, issuer: name });
}
const OURS = selfSigned();

async function judged(by: Minted, trusted = by, trustedIdentities: readonly string[] = [IDENTITY]) {
  const at = await scene();
  pushEnvelope(at, await envelopeOf(at, { signer: by, chain: [by] }));
  const certificates = [{ pem: trusted.certificate.toString() }];
  return verified(
    at,
    policyOf({ trustStores: [{ type: 'ca', name: 'ours', certificates }], trustedIdentities }),
  );
}

test('what somebody signed under a certificate of their own is verified where that one is trusted', async () => {
  assert.equal(OURS.certificate.ca, false);
  assert.equal((await judged(OURS)).signatures.length, 1);
});

test('a certificate that somebody signed for themselves with the name of a trusted one is refused', async () => {
  await assert.rejects(judged(selfSigned(), OURS), {
    message: /none of its certificates is in the trust stores/,
  });
});

test('one that is trusted under another name than is wanted is refused', async () => {
  const other = ['x509.subject: C=US, ST=WA, O=other'];
  await assert.rejects(judged(OURS, OURS, other), { message: /none of the trusted identities/ });
});

test('one that has the name of its issuer and was signed by another key is no root', async () => {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const forged = mintLeaf(mintAuthority(), WORKFLOW, { keys, name: NAME, issuer: NAME });
  await assert.rejects(judged(forged, OURS), { code: 'SIGNATURE_REFUSED', message: /ends in no root/ });
  await assert.rejects(judged(OURS, forged), { code: 'CONFIG_INVALID', message: /no authority’s/ });
});

test('a signer signs nothing for others by it', async () => {
  const customer = mintLeaf(OURS, WORKFLOW, { name: NAME, issuer: NAME });
  const at = await scene();
  pushEnvelope(at, await envelopeOf(at, { signer: customer, chain: [customer, OURS] }));
  const certificates = [{ pem: OURS.certificate.toString() }];
  await assert.rejects(
    verified(at, policyOf({ trustStores: [{ type: 'ca', name: 'ours', certificates }] })),
    {
      code: 'SIGNATURE_REFUSED',
      message: /not in order, or broken/,
    },
  );
});
