import type { KeySource } from './key-source.ts';
import { parseKeySet } from './verification-key.ts';

/** Keys of JWK sets given by issuer URL: for trying things, and for tests. */
export const memoryKeySource = (sets: ReadonlyMap<string, unknown>): KeySource => ({
  find: async ({ url }, { kid, algorithm }) =>
    parseKeySet(sets.get(url))?.find((key) => key.kid === kid && key.algorithm === algorithm),
});
