import { QUOTED_CHARACTERS } from '../../limits.ts';

/** What somebody else wrote, for people: as JSON has it, so that it ends no line, and no more of it than is read. */
export function quoted(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > QUOTED_CHARACTERS ? `${text.slice(0, QUOTED_CHARACTERS)}…` : text;
}
