import { createTwoFilesPatch } from 'diff';
import { DIFF_EDITS, DIFF_MS } from '../limits.ts';

/** NUL is in no text; and what is no UTF-8 cannot be shown line by line. */
function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const EMPTY = new Uint8Array();

/**
 * The lines that differ, as `diff -u` and git write them. Undefined where either side is no text, or where they have so
 * little in common that the lines would be found in no good time.
 * @param before undefined where there was no file
 */
export function textDiff(
  path: string,
  before: Uint8Array | undefined,
  after: Uint8Array | undefined,
): string | undefined {
  const [old, fresh] = [textOf(before ?? EMPTY), textOf(after ?? EMPTY)];
  if (old === undefined || fresh === undefined) return undefined;
  const [from, to] = [before ? `a/${path}` : '/dev/null', after ? `b/${path}` : '/dev/null'];
  const bounds = { context: 3, maxEditLength: DIFF_EDITS, timeout: DIFF_MS };
  const patch = createTwoFilesPatch(from, to, old, fresh, '', '', bounds);
  // The first line is a ruler that neither patch nor git wants.
  return patch?.slice(patch.indexOf('\n') + 1).replace(/^(--- .*)\t\n(\+\+\+ .*)\t$/m, '$1\n$2');
}
