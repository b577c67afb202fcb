import { isLandfallError, LandfallError } from '../../errors.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { throwIfCancelled } from '../../kernel/cancelled.ts';
import { failureFacts, failureOf, formatFailure } from '../request/failure.ts';
import { isPassing } from '../request/failure-kind.ts';
import type { SdkAccess } from '../sdk/call.ts';

/** How long a key is used without another look at it: an alias can be moved. */
export const KMS_KEY_MS = 3_600_000;
/** A document may name many. */
const KEPT = 64;

const HINT = 'Name a key of KMS that signs, and that may be read with kms:GetPublicKey.';

const unreadable = (uri: string, why: string): LandfallError =>
  new LandfallError('CONFIG_UNREADABLE', `verify: ${uri} ${why}`, { hint: HINT });

/** Names as AWS gives them are told apart: what passes by itself is asked again, the rest waits for somebody to act. */
function failed(uri: string, error: unknown): LandfallError {
  if (isLandfallError(error)) return error;
  const failure = failureOf(error);
  return new LandfallError(
    isPassing(failure) ? 'TRUST_UNAVAILABLE' : 'CONFIG_UNREADABLE',
    `verify: ${uri} cannot be read: ${formatFailure(failure)}`,
    { hint: HINT, ...failureFacts(failure) },
  );
}

/** A key, as KMS takes it, in its region or in that of whoever asks. */
interface NamedKey {
  /** As a policy has it, for messages. */
  readonly uri: string;
  readonly id: string;
  readonly region: string | undefined;
}

/** Public keys of KMS, each asked for when a policy first names it, and again after an hour. */
export function kmsKeys(access: SdkAccess): (key: NamedKey, options: CallOptions) => Promise<Uint8Array> {
  const { clock } = access;
  const kept = new Map<string, { readonly der: Uint8Array; readonly until: number }>();

  async function ask(
    { uri, id, region = access.region }: NamedKey,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array> {
    const { askKms } = await import('../sdk/kms.ts');
    const answer = await askKms(id, { ...access, region }, signal).catch((error: unknown) => {
      throwIfCancelled(`the look at ${uri}`, signal);
      throw failed(uri, error);
    });
    const { PublicKey: der, KeyUsage: usage } = answer;
    if (usage !== 'SIGN_VERIFY')
      throw unreadable(uri, `is for ${usage ?? 'nothing that KMS says'}, wanted SIGN_VERIFY`);
    if (der === undefined) throw unreadable(uri, 'is given without its public key');
    return der;
  }

  return async (key, { signal }) => {
    const { uri } = key;
    const before = kept.get(uri);
    if (before !== undefined && clock.now() < before.until) return before.der;
    const der = await ask(key, signal);
    if (kept.size >= KEPT) kept.clear();
    kept.set(uri, { der, until: clock.now() + KMS_KEY_MS });
    return der;
  };
}
