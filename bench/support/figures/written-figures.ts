import type { Figure } from '../bench.ts';

/** What one bench measured, as it stands in docs/performance.md. */
export interface WrittenSection {
  readonly name: string;
  readonly about: string;
  readonly figures: readonly Figure[];
  /** Date, machine and load, as {@link describeMachine} says them. */
  readonly machine: string;
}

/** Between these the command writes, and nobody else. */
const BEGIN = '<!-- npm run bench -- --write: what stands from here on is written by it -->';
const END = '<!-- to here -->';

const cell = (text = ''): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const verdict = ({ met }: Figure): string => (met === undefined ? '' : met ? 'met' : '**missed**');

const rowOf = (figure: Figure): string =>
  `| ${[figure.what, figure.target, figure.measured, verdict(figure)].map(cell).join(' | ')} |`;

const heading = (name: string): string => `### ${name}: `;

function sectionText({ name, about, figures, machine }: WrittenSection): string {
  const [when = ''] = machine.split('\n');
  return `${heading(name)}${about}\n\n${when}\n\n| what | wanted | measured | |\n|---|---|---|---|\n${figures.map(rowOf).join('\n')}`;
}

/**
 * The page with the section of one bench as it is now; those of others stay as they are, in the order of `names`.
 * @throws Error where the page has no place for it
 */
export function withSection(page: string, section: WrittenSection, names: readonly string[]): string {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END, from);
  if (from < 0 || to < 0) throw new Error(`the page has no place for figures: wanted ${BEGIN} … ${END}`);
  const before = page.slice(from + BEGIN.length, to).trim();
  const known = new Map<string, string>(
    before === ''
      ? []
      : before.split(/\n\n(?=### )/).map((text) => [/^### ([a-z0-9-]+): /.exec(text)?.[1] ?? '', text]),
  );
  known.set(section.name, sectionText(section));
  const inOrder = names.flatMap((name) => known.get(name) ?? []);
  return `${page.slice(0, from)}${BEGIN}\n\n${inOrder.join('\n\n')}\n\n${page.slice(to)}`;
}
