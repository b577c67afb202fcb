import { X509Certificate } from 'node:crypto';
import type { X509Certificate as Parsed } from '@sigstore/core';

const EXTENDED_USAGE = '2.5.29.37';
const TIME_STAMPING = '1.3.6.1.5.5.7.3.8';

/**
 * Whether a certificate is for time stamps, as critical, and for nothing else: another one's tokens are somebody's word.
 * @see https://www.rfc-editor.org/rfc/rfc3161#section-2.3
 */
export function isForTimeStamps(parsed: Parsed): boolean {
  if (parsed.extension(EXTENDED_USAGE)?.critical !== true) return false;
  const uses: readonly string[] = new X509Certificate(parsed.root.toDER()).keyUsage ?? [];
  return uses.length === 1 && uses[0] === TIME_STAMPING;
}
