import { canonicalQuery, type SignableAddress } from './signature.ts';

/** Where a URL leads, as it is signed. */
export const addressOf = ({ host, pathname, searchParams }: URL): SignableAddress => ({
  host,
  path: pathname,
  query: canonicalQuery(searchParams),
});
