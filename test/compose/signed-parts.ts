import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Digest } from '../../shared/oci/digest.ts';
import type { VerifyPolicy } from '../../shared/verify/policy/policy.ts';
import type { World } from '../support/stores/memory-sources.ts';
import { payloadOf, pushLayers } from '../verify/signing.ts';

const KEY = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pemOf = ({ publicKey }: { readonly publicKey: KeyObject }): string =>
  publicKey.export({ type: 'spki', format: 'pem' }).toString();

/** Wants what {@link signPart} does. */
export const PART_POLICY: VerifyPolicy = {
  provider: 'cosign',
  keys: [{ pem: pemOf(KEY) }],
  identities: [],
  transparencyLog: false,
  require: 'any',
};

export const signPart = ({ registry }: Pick<World, 'registry'>, digest: Digest): void => {
  const payload = payloadOf(digest);
  const signature = sign('sha256', payload, KEY.privateKey).toString('base64');
  pushLayers(registry, digest, [{ payload, signature }]);
};
