import type { RegistryReader } from '../../registry/client.ts';

/** What is asked of a registry to find signatures. */
export type SignatureReader = Pick<RegistryReader, 'referrers' | 'manifest' | 'blob'>;
