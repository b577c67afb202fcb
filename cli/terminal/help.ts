import type { Help, HelpConfiguration } from 'commander';

/** Above it a page is no easier to read. */
const MOST = 100;
const LEAST = 20;
const INDENT = 2;

/** Columns that help is written in, where a terminal has `columns`. */
export const helpWidth = (columns: number | undefined): number =>
  Math.min(MOST, Math.max(LEAST, columns ?? 80));

interface Wrapping {
  /** What the first line begins with, and the others. */
  readonly first?: string;
  readonly rest?: string;
  /** What a line that goes on ends with. */
  readonly end?: string;
}

function wrapped(text: string, width: number, wrapping: Wrapping = {}): readonly string[] {
  const { first = '', end = '' } = wrapping;
  const { rest = first } = wrapping;
  const lines: string[] = [];
  let line = first;
  for (const word of text.split(' ').filter((each) => each !== '')) {
    const isFirst = line.trim() === '';
    if (!isFirst && line.length + 1 + word.length + end.length > width) {
      lines.push(line + end);
      line = rest + word;
    } else line += isFirst ? word : ` ${word}`;
  }
  return [...lines, line];
}

/** `  landfall … # what it does`: a line that can be pasted, with its comment above it. */
function wrappedExample(line: string, width: number): readonly string[] {
  const indent = /^ */.exec(line)?.[0] ?? '';
  const [, command = line, comment] = /^(.*?\S) +(# .*)$/.exec(line) ?? [];
  const above = comment === undefined ? [] : wrapped(comment, width, { first: indent, rest: `${indent}# ` });
  return [...above, ...wrapped(command.trim(), width, { first: indent, rest: `${indent}    `, end: ' \\' })];
}

/** Paragraphs filled anew for the width; what is indented is an example, and stays a line where it fits. */
export function wrapHelp(text: string, width: number): string {
  const lines: string[] = [];
  let paragraph: string[] = [];
  const endParagraph = (): void => {
    if (paragraph.length > 0) lines.push(...wrapped(paragraph.join(' '), width));
    paragraph = [];
  };
  for (const line of text.split('\n')) {
    if (line !== '' && !line.startsWith(' ')) paragraph.push(line);
    else {
      endParagraph();
      if (line.length <= width) lines.push(line);
      else if (line.trim().startsWith('landfall')) lines.push(...wrappedExample(line, width));
      else lines.push(...wrapped(line.trim(), width, { first: /^ */.exec(line)?.[0] ?? '' }));
    }
  }
  endParagraph();
  return lines.join('\n');
}

const TERM_MOST = 30;

/** What stands behind an option, beside it where there is room for both. */
function formatItem(term: string, termWidth: number, description: string, helper: Help): string {
  const width = helper.helpWidth ?? 80;
  const indent = ' '.repeat(INDENT);
  const column = INDENT + termWidth + 2;
  if (description === '') return indent + term;
  const lines = wrapped(description, width, { first: ' '.repeat(column) });
  if (term.length > termWidth)
    return [...wrapped(indent + term, width, { first: indent, rest: `${indent}  ` }), ...lines].join('\n');
  const [first = '', ...rest] = lines;
  return [`${indent}${term.padEnd(termWidth)}  ${first.trimStart()}`, ...rest].join('\n');
}

/** How commander writes help. */
export const helpConfiguration = (base: Help): HelpConfiguration => ({
  // That a list begins empty is no default worth telling.
  optionDescription: (option) => base.optionDescription(option).replace(/ ?\(default: \[\]\)$/, ''),
  subcommandTerm: (command) => base.subcommandTerm(command).replace(' [options]', ''),
  padWidth: (command, helper) =>
    Math.min(base.padWidth(command, helper), TERM_MOST, Math.floor((helper.helpWidth ?? 80) / 3)),
  formatItem,
});
