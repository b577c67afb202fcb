import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** A fenced block, without its fences. */
export interface Fence {
  /** What stands after the opening fence, e.g. `yaml`. */
  readonly info: string;
  readonly text: string;
  readonly line: number;
}

export interface Page {
  /** From the root of the checkout. */
  readonly path: string;
  readonly text: string;
  /** Without fenced blocks, line by line. */
  readonly prose: readonly string[];
  readonly fences: readonly Fence[];
}

export function readPage(path: string): Page {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const prose: string[] = [];
  const fences: Fence[] = [];
  let open: { readonly info: string; readonly line: number; readonly lines: string[] } | undefined;
  for (const [at, line] of text.split('\n').entries()) {
    const fence = /^\s*```(.*)$/.exec(line);
    if (fence === null) (open?.lines ?? prose).push(line);
    else if (open === undefined) open = { info: (fence[1] ?? '').trim(), line: at + 1, lines: [] };
    else {
      fences.push({ info: open.info, text: open.lines.join('\n'), line: open.line });
      open = undefined;
    }
  }
  if (open !== undefined) throw new Error(`${path}:${open.line}: a fence that never closes`);
  return { path, text, prose, fences };
}

export const PAGES: readonly string[] = [
  'README.md',
  'ARCHITECTURE.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

const HEADING = /^(#{1,6}) +(.*?) *$/;

/** The anchor GitHub gives to a heading: letters, digits, `-` and `_`, in lower case, spaces as `-`. */
export const anchorOf = (heading: string): string =>
  heading
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');

export const anchorsOf = ({ prose }: Page): readonly string[] =>
  prose.flatMap((line) => {
    const heading = HEADING.exec(line)?.[2];
    return heading === undefined ? [] : [anchorOf(heading)];
  });

/** The prose under a heading, up to the next one of its level or above; undefined where there is no such heading. */
export function sectionOf({ prose }: Page, heading: string): readonly string[] | undefined {
  const start = prose.findIndex((line) => HEADING.exec(line)?.[2] === heading);
  const level = HEADING.exec(prose[start] ?? '')?.[1]?.length;
  if (level === undefined) return undefined;
  const after = prose.slice(start + 1);
  const end = after.findIndex((line) => (HEADING.exec(line)?.[1]?.length ?? 7) <= level);
  return end < 0 ? after : after.slice(0, end);
}

/** What stands under a heading itself, up to the next heading of any level. */
export function ownLines(page: Page, heading: string): readonly string[] {
  const section = sectionOf(page, heading) ?? [];
  const end = section.findIndex((line) => HEADING.test(line));
  return end < 0 ? section : section.slice(0, end);
}

/** The headings of a level, e.g. 2 for `##`. */
export const headingsOf = ({ prose }: Page, level: number): readonly string[] =>
  prose.flatMap((line) => {
    const heading = HEADING.exec(line);
    return heading?.[1]?.length === level && heading[2] !== undefined ? [heading[2]] : [];
  });

/** The cells of the rows that begin with a code span, without its backticks. `\|` is a `|` in a cell. */
export const rowsOf = (lines: readonly string[]): readonly (readonly string[])[] =>
  lines
    .filter((line) => /^\| *`/.test(line))
    .map((line) =>
      line
        .slice(1, line.trimEnd().endsWith('|') ? line.trimEnd().length - 1 : undefined)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll('\\|', '|')),
    )
    .map(([first = '', ...rest]) => [first.replace(/^`([^`]*)`.*$/, '$1'), ...rest]);

export interface Link {
  /** From the root of the checkout; the page itself for a bare anchor. */
  readonly path: string;
  readonly anchor: string | undefined;
  readonly written: string;
}

/** Links to files of the checkout; links to other sites are left alone. */
export function localLinks({ path, prose }: Page): readonly Link[] {
  const text = prose.join('\n').replace(/`[^`\n]*`/g, '');
  return [...text.matchAll(/\[[^\]]*\]\(([^)\s]+)\)/g)].flatMap(([, written = '']) => {
    if (/^[a-z]+:/.test(written)) return [];
    const [file = '', anchor] = written.split('#', 2);
    const target = file === '' ? path : relative(ROOT, resolve(ROOT, dirname(path), file));
    return [{ path: target, anchor, written }];
  });
}
