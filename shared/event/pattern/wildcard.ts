/** Literal pieces between the `*`s: at least one, and `['a']` where there is no `*` at all. */
export type Wildcard = readonly string[];

/**
 * Parses `*`, `\*` and `\\` as EventBridge does.
 * @returns what is wrong as a text, where it is
 */
export function parseWildcard(text: string): Wildcard | string {
  const pieces: string[] = [''];
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (char === '*' && text[at - 1] === '*' && pieces.at(-1) === '') return `has "**" at character ${at}`;
    if (char === '*') pieces.push('');
    else if (char === '\\') {
      at += 1;
      const escaped = text[at];
      if (escaped !== '*' && escaped !== '\\')
        return `has a "\\" at character ${at} that escapes neither "*" nor "\\"`;
      pieces.push(`${pieces.pop() ?? ''}${escaped}`);
    } else pieces.push(`${pieces.pop() ?? ''}${char}`);
  }
  return pieces;
}

/**
 * Matches the whole of `text`. Each piece is looked for once, leftmost first, and nothing is tried again:
 * that is right because a `*` takes anything, so the earliest place for a piece leaves the most for the rest.
 */
export function matchesWildcard(wildcard: Wildcard, text: string): boolean {
  const [first = '', ...rest] = wildcard;
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  const end = text.length - last.length;
  let at = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return at <= end;
}
