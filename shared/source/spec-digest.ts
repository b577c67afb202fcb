import { type Digest, digestOf } from '../oci/digest.ts';
import { formatRepository } from '../oci/reference.ts';
import { DECIDES_WHAT_LANDS, type Source } from './source.ts';

/** JSON with keys in order, so that equal data has equal bytes. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, part]) => [key, canonical(part)]));
}

/** How long a list may be decides whether it is read, never what lands: the default is what it was, whatever it is. */
const TAG_PAGES = 100;

/** A source is never changed, but read anew: each look asks for its digest. */
const known = new WeakMap<Source, Digest>();

/** Digest of what decides what a source lands: where it looks, for what, and how it is unpacked. */
export function specDigest(source: Source): Digest {
  const digest = known.get(source) ?? digestOfSpec(source);
  known.set(source, digest);
  return digest;
}

function digestOfSpec(source: Source): Digest {
  const canon = {
    ...source,
    url: formatRepository(source.repository),
    limits: { ...source.limits, tagPages: TAG_PAGES },
  };
  const decides = Object.entries(canon).filter(([key]) => DECIDES_WHAT_LANDS[key as keyof Source]);
  return digestOf(JSON.stringify(canonical(Object.fromEntries(decides))));
}
