import { isDigest } from '../../../oci/digest.ts';
import type { PushHint } from '../receiver.ts';

/** What stands in a payload, where it may be missing, null or empty. */
type Given = string | null | undefined;

const digestIn = (text: Given): string | undefined =>
  typeof text === 'string' && isDigest(text) ? text : undefined;

/**
 * A hint of what a payload says. Some senders put the digest in the tag's place, or leave it empty: then it is not
 * known which tag was pushed, and every one may have been. What is no digest is left out.
 */
export function pushHint(repository: string, tag: Given, digest?: Given): PushHint {
  const inTag = digestIn(tag);
  const named = digestIn(digest) ?? inTag;
  const hasTag = typeof tag === 'string' && tag !== '' && inTag === undefined;
  return { repository, ...(hasTag && { tag }), ...(named !== undefined && { digest: named }) };
}

/** Each hint once: senders repeat themselves, and say the same thing in several places. */
export const distinctHints = (hints: readonly PushHint[]): readonly PushHint[] => [
  ...new Map(hints.map((hint) => [JSON.stringify([hint.repository, hint.tag, hint.digest]), hint])).values(),
];
