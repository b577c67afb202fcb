import { createPrivateKey, X509Certificate } from 'node:crypto';
import { LandfallError } from '../../errors.ts';
import type { Transport } from '../client.ts';
import { tlsFaultOf } from './tls-fault.ts';

/** Whether they are a pair; undefined where one cannot be read, which OpenSSL says better when it is to use it. */
function isPair(cert: string, key: string): boolean | undefined {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return undefined;
  }
}

/**
 * Refuses a client certificate with another's key. Of two kinds (RSA, elliptic) OpenSSL takes both, and then shows none.
 * @throws LandfallError TLS_FAILED
 */
export function checkClientCertificate({ cert, key }: Transport): void {
  if (cert === undefined || key === undefined || isPair(cert, key) !== false) return;
  const fault = tlsFaultOf('ERR_OSSL_X509_KEY_VALUES_MISMATCH', undefined);
  if (fault !== undefined) throw new LandfallError('TLS_FAILED', fault.says, { hint: fault.hint });
}
