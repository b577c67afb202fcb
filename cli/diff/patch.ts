import type { ContentChange, PathContent } from '../../shared/diff/content-diff.ts';
import { textDiff } from '../../shared/diff/text-diff.ts';
import { readAtMost } from '../../shared/kernel/read-bytes.ts';
import { DIFF_FILE_BYTES } from '../../shared/limits.ts';
import { formatBytes } from '../terminal/table.ts';
import type { DiffSide } from './side.ts';

const isLarge = (content: PathContent | null): boolean =>
  content !== null && 'size' in content && content.size > DIFF_FILE_BYTES;

/** A link or an empty folder has no bytes: what it is stands for them. */
async function bytesOf(
  path: string,
  content: PathContent | null,
  side: DiffSide,
): Promise<Buffer | undefined> {
  if (content === null) return undefined;
  if ('target' in content) return Buffer.from(`${content.kind} to ${content.target}\n`);
  if (content.kind === 'folder') return Buffer.from('empty folder\n');
  return (await readAtMost(await side.open(path), DIFF_FILE_BYTES)).bytes;
}

const told = (content: PathContent | null): string => {
  if (content === null) return 'nothing';
  return 'size' in content ? `${content.kind} of ${formatBytes(content.size)}` : content.kind;
};

/** A change as `diff -u` writes it; of what is no text, or too long, what stood there and stands there now. */
export async function patchOf(
  change: ContentChange,
  [left, right]: readonly [DiffSide, DiffSide],
): Promise<string> {
  const { path, before, after } = change;
  const summary = `Files a/${path} and b/${path} differ: ${told(before)} → ${told(after)}`;
  if (isLarge(before) || isLarge(after)) return summary;
  const patch = textDiff(path, await bytesOf(path, before, left), await bytesOf(path, after, right));
  if (patch === undefined) return summary;
  const isMode = before !== null && after !== null && before.kind !== after.kind;
  return [
    ...(isMode ? [`mode of ${path}: ${before.kind} → ${after.kind}`] : []),
    patch.replace(/\n$/, ''),
  ].join('\n');
}
