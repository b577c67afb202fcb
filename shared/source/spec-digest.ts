import { type Digest, digestOf } from '../oci/digest.ts';
import { formatRepository } from '../oci/reference.ts';
import type { Source } from './source.ts';

/** JSON with keys in order, so that equal data has equal bytes. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, canonical(part)]));
}

/** How long a list may be decides whether it is read, never what lands: the default is what it was, whatever it is. */
const TAG_PAGES = 100;

/** Digest of what decides what a source lands: where it looks, for what, and how it is unpacked. */
export function specDigest({ repository, ref, unpack, limits }: Source): Digest {
  const decides = {
    url: formatRepository(repository),
    ref,
    unpack,
    limits: { ...limits, tagPages: TAG_PAGES },
  };
  return digestOf(JSON.stringify(canonical(decides)));
}
