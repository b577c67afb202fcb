import { compareBytes } from '../../../kernel/byte-order.ts';
import type { CallOptions } from '../../../kernel/call-options.ts';
import { eachOf } from '../../../kernel/each-of.ts';
import { listObjects, type S3Listed } from '../read.ts';
import type { S3Root } from '../root.ts';

/** Keys that S3 tells of in one answer. */
const PAGE = 1_000;
/** Listings under way at the same time. */
const LISTINGS = 16;

/** Keys after one, up to and with the other; undefined: from the first, to the last. */
interface Part {
  readonly after: string | undefined;
  readonly upTo: string | undefined;
}

/**
 * Parts that leave out no key there may be, whatever is likely: each begins after the key the one before it ends with.
 * Each has as many likely keys as one answer. Pure.
 * @param likely in byte order
 */
export function partsOf(likely: readonly string[]): readonly Part[] {
  const ends = likely.filter((_, at) => (at + 1) % PAGE === 0 && at + 1 < likely.length);
  return [...ends, undefined].map((upTo, at) => ({ after: ends[at - 1], upTo }));
}

async function listPart(
  root: S3Root,
  { after, upTo }: Part,
  found: (object: S3Listed) => void,
  options: CallOptions,
): Promise<void> {
  const from = after === undefined ? options : { ...options, after };
  for await (const object of listObjects(root, '', from)) {
    const beyond = upTo === undefined ? -1 : compareBytes(object.key, upTo);
    if (beyond > 0) return;
    found(object);
    // Nothing is left: what S3 would tell of next is the next part's.
    if (beyond === 0) return;
  }
}

/**
 * Tells of every key under a root, those of several parts at the same time: where the likely keys are there and few
 * others, with no more requests than one listing takes.
 * @param likely keys in byte order
 */
export async function listInParts(
  root: S3Root,
  { likely, signal }: CallOptions & { readonly likely: readonly string[] },
  found: (object: S3Listed) => void,
): Promise<void> {
  await eachOf(partsOf(likely), { limit: LISTINGS, signal }, (part) =>
    listPart(root, part, found, { signal }),
  );
}
