/** What a template is put together from: text as it is, and groups of the match by name or number. */
export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'group'; readonly group: string | number };

/** `$$`, `$name` (as long as it goes: `$1x` is the group `1x`), `${name}`; any other `$` is itself. */
const REFERENCE = /\$(?:\$|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu;
/** Numbers have no leading zeros; at 1e8 Go stops reading one as a number. */
const NUMBER = /^(?:0|[1-9][0-9]{0,8})$/;

/** Parses a template as Go's Regexp.Expand does. @see https://pkg.go.dev/regexp#Regexp.Expand */
export function parseTemplate(template: string): readonly TemplatePart[] {
  const parts: TemplatePart[] = [];
  let end = 0;
  for (const match of template.matchAll(REFERENCE)) {
    const name = match[1] ?? match[2];
    parts.push({ kind: 'text', text: template.slice(end, match.index) + (name === undefined ? '$' : '') });
    if (name !== undefined) parts.push({ kind: 'group', group: NUMBER.test(name) ? Number(name) : name });
    end = match.index + match[0].length;
  }
  parts.push({ kind: 'text', text: template.slice(end) });
  return parts;
}

/** A group that took no part in the match is empty. */
export const expandTemplate = (
  parts: readonly TemplatePart[],
  groupOf: (group: string | number) => string | null,
): string => parts.map((part) => (part.kind === 'text' ? part.text : (groupOf(part.group) ?? ''))).join('');
