import { createPrivateKey, createPublicKey, hash, type KeyObject, sign } from 'node:crypto';
import type { Digest } from '../../../shared/oci/digest.ts';
import type { AccessResolver } from '../../../shared/registry/client.ts';
import { DEFAULT_TRANSPORT } from '../../../shared/registry/client.ts';
import type { VerifyPolicy } from '../../../shared/verify/policy/policy.ts';
import { payloadOf } from '../../verify/signing.ts';

/** What nothing that anybody can read may hold. */
export const CANARY = 'canary';
export const PASSWORDS: Readonly<Record<string, string>> = {
  'r1.example': `${CANARY}-one`,
  'r2.example': `${CANARY}-two`,
};

const accesses = new Map(
  Object.entries(PASSWORDS).map(([registry, password]) => [
    registry,
    {
      transport: DEFAULT_TRANSPORT,
      credential: { kind: 'basic', username: 'robot', password } as const,
      given: 'simulated',
    },
  ]),
);

/** The login of each registry. */
export const ACCESS: AccessResolver = {
  access: async ({ registry }) =>
    accesses.get(registry) ?? {
      transport: DEFAULT_TRANSPORT,
      credential: { kind: 'anonymous' },
    },
};

/** Of RFC 8410, before the 32 bytes of a key. */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The same for the same text, as its signatures are for the same digest: a story is the same in every process. */
const keyOf = (text: string): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([PKCS8_ED25519, hash('sha256', text, 'buffer')]),
    format: 'der',
    type: 'pkcs8',
  });
const ours = keyOf('ours');
const theirs = keyOf('theirs');

const pemOf = (key: KeyObject): string =>
  createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();

/** What `web/app` has to meet. */
export const POLICY: VerifyPolicy = {
  provider: 'cosign',
  keys: [{ pem: pemOf(ours) }],
  identities: [],
  transparencyLog: false,
  require: 'any',
};

interface Signature {
  readonly payload: Buffer;
  readonly signature: string;
}

const made = new Map<string, Signature>();

/** Made once for a digest, as making one takes longer than all else that is done with it. */
export function signatureOf(digest: Digest, by: 'ours' | 'theirs'): Signature {
  const key = `${digest} ${by}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  const payload = payloadOf(digest);
  const signer = by === 'ours' ? ours : theirs;
  const signature = { payload, signature: sign(null, payload, signer).toString('base64') };
  made.set(key, signature);
  return signature;
}
