import { readPage } from './markdown.ts';

/** What a field of Flux's comes to: it means something, is told of, or stops its object. */
export type Becomes = 'mapped' | 'told' | 'refused';

const becomes = (text: string): Becomes => {
  if (/^(?:told(?: but for|,|:|$)|not read)/.test(text)) return 'told';
  return text.startsWith('refused') ? 'refused' : 'mapped';
};

/** The sections of docs/flux.md by their headings. */
export const FLUX_SECTIONS: ReadonlyMap<string, string> = new Map(
  readPage('docs/flux.md')
    .text.split(/^## /m)
    .slice(1)
    .map((section) => {
      const [heading = '', ...lines] = section.split('\n');
      return [heading, lines.join('\n')] as const;
    }),
);

/** Fields that the first column of a section's tables names, with what they become. */
export function fieldsOf(heading: string): ReadonlyMap<string, Becomes> {
  const lines = (FLUX_SECTIONS.get(heading) ?? '').split('\n').filter((line) => line.startsWith('| `'));
  return new Map(
    lines.flatMap((line) => {
      const [, first = '', second = ''] = line.split(/(?<!\\)\|/);
      return [...first.matchAll(/`([^`]+)`/g)].map(
        ([, name = '']) => [name, becomes(second.trim())] as const,
      );
    }),
  );
}
