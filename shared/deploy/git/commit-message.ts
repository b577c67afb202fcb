import { GIT_MESSAGE_LINES } from '../../limits.ts';
import type { Composition } from '../../model/composition.ts';
import { printableLine } from '../../printable.ts';
import type { FileChange } from './file-changes.ts';
import type { GitSettings } from './git-settings.ts';

/** What a template may name. */
export const PLACEHOLDERS: readonly string[] = [
  ...['deploy', 'source', 'revision', 'tag', 'digest', 'generation'],
  ...['summary', 'files', 'images'],
];
const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** The first `{{…}}` that names nothing, as it is written. */
export const unknownPlaceholder = (template: string): string | undefined =>
  [...template.matchAll(PLACEHOLDER)].find(([, name = '']) => !PLACEHOLDERS.includes(name))?.[0].slice(0, 80);

const DEFAULT = 'Deploy {{source}} {{revision}}\n\n{{images}}\n\n{{files}}';

/** What a commit is told of. */
export interface MessageFacts {
  readonly deploy: string;
  /** `namespace/name`. */
  readonly source: string;
  readonly revision: string;
  readonly tag: string | null;
  readonly digest: string;
  readonly generation: number;
  readonly changes: readonly FileChange[];
  readonly composition?: Composition | undefined;
  /** Of what was applied before. */
  readonly compositionBefore?: Composition | undefined;
}

const SIGNS = { create: '+', update: '~', delete: '-' } as const;

const listed = (lines: readonly string[]): string =>
  [
    ...lines.slice(0, GIT_MESSAGE_LINES),
    ...(lines.length > GIT_MESSAGE_LINES ? [`… and ${lines.length - GIT_MESSAGE_LINES} more`] : []),
  ].join('\n');

const filesOf = ({ changes }: MessageFacts): string =>
  listed(changes.map(({ action, path }) => `${SIGNS[action]} ${printableLine(path)}`));

/** Images that another source chose, where they are not what they were. */
function imagesOf({ composition, compositionBefore }: MessageFacts): string {
  const before = new Map(compositionBefore?.images.map(({ source, revision }) => [source, revision]));
  const changed = composition?.images.filter(({ source, revision }) => before.get(source) !== revision) ?? [];
  return listed([...new Set(changed.map(({ image, revision }) => printableLine(`${image} ${revision}`)))]);
}

/** `2 to create, 1 to delete`; of nothing, `nothing to do`. */
export function summaryOf(changes: readonly FileChange[]): string {
  const counts = (['create', 'update', 'delete'] as const).flatMap((action) => {
    const count = changes.filter((change) => change.action === action).length;
    return count === 0 ? [] : [`${count} to ${action}`];
  });
  return counts.length === 0 ? 'nothing to do' : counts.join(', ');
}

/** The message of one commit: the template with what it names filled in, and who signed it off. */
export function commitMessage(
  { message = DEFAULT, author, signOff }: Pick<GitSettings, 'message' | 'author' | 'signOff'>,
  facts: MessageFacts,
): string {
  const { deploy, source, revision, tag, digest, generation } = facts;
  const words: Readonly<Record<string, string>> = {
    deploy,
    source,
    revision,
    digest,
    tag: tag ?? '',
    generation: String(generation),
    summary: summaryOf(facts.changes),
    files: filesOf(facts),
    images: imagesOf(facts),
  };
  const text = message.replace(PLACEHOLDER, (_, name: string) => words[name] ?? '');
  const told = text
    .replace(/[^\S\n]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  const isSigned = `Signed-off-by: ${author.name} <${author.email}>`;
  return signOff ? `${told}\n\n${isSigned}\n` : `${told}\n`;
}
