import { hash } from 'node:crypto';
import { LandfallError } from '../errors.ts';

/** The same bytes have the same version, as with an ETag. */
export const versionOf = (bytes: Uint8Array): string => hash('sha256', bytes, 'hex');

export const conflict = (key: string): LandfallError =>
  new LandfallError(
    'STORE_CONFLICT',
    `store: ${key} is not the version that was read: someone else was first`,
    {
      hint: 'Read it again and repeat the change.',
    },
  );
