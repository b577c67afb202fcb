import { LandfallError } from '../../errors.ts';
import { quoted } from '../found/quoted.ts';

/** A key of AWS KMS that signs, as a policy names it. */
export interface KmsKey {
  /** As it was written. */
  readonly uri: string;
  /** Id, alias or ARN, as KMS takes it. */
  readonly id: string;
  /** Of an ARN; undefined: the region that whoever asks is in. */
  readonly region: string | undefined;
}

const SCHEME = 'awskms://';
const UUID = '[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}';
const KEY = `(?:key/(?:mrk-[0-9a-f]{32}|${UUID})|alias/[a-zA-Z0-9/_-]{1,250})`;
const ARN = new RegExp(`^arn:aws(?:-us-gov|-cn|-iso[a-z-]*)?:kms:([a-z0-9-]+):[0-9]{12}:${KEY}$`);
const SHORT = new RegExp(`^(?:mrk-[0-9a-f]{32}|${UUID}|alias/[a-zA-Z0-9/_-]{1,250})$`);

const refuse = (uri: string, why: string): LandfallError =>
  new LandfallError('CONFIG_INVALID', `verify: ${quoted(uri)} ${why}`, {
    hint: 'Write awskms:///ID, awskms:///alias/NAME or awskms:///ARN of a key of AWS KMS, as cosign does.',
  });

/**
 * Reads the name of a key as cosign writes it. One that names the host to ask is refused: it would be sent who asks.
 * @see https://docs.sigstore.dev/cosign/key_management/overview/#aws
 * @throws LandfallError CONFIG_INVALID
 */
export function parseKmsKey(uri: string): KmsKey {
  if (!uri.startsWith(SCHEME)) throw refuse(uri, `does not begin with ${SCHEME}/`);
  const rest = uri.slice(SCHEME.length);
  if (!rest.startsWith('/')) throw refuse(uri, 'names a host, and AWS alone is asked');
  const id = rest.slice(1);
  const arn = ARN.exec(id);
  if (arn !== null) return { uri, id, region: arn[1] };
  if (SHORT.test(id)) return { uri, id, region: undefined };
  throw refuse(uri, 'is no id, alias or ARN of a key');
}
