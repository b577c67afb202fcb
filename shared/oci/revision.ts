import { type Digest, isDigest } from './digest.ts';

/** `<tag>@<digest>`, or the digest alone: what a source is at. */
export const formatRevision = (tag: string | null | undefined, digest: Digest): string =>
  tag === undefined || tag === null ? digest : `${tag}@${digest}`;

/** The parts of a revision; undefined where the text is none. */
export function parseRevision(
  text: string,
): { readonly tag: string | null; readonly digest: Digest } | undefined {
  const at = text.lastIndexOf('@');
  const digest = text.slice(at + 1);
  if (!isDigest(digest)) return undefined;
  return { tag: at < 0 ? null : text.slice(0, at), digest };
}
