import { stripTypeScriptTypes } from 'node:module';

/** After these a slash begins a regular expression. */
const BEFORE_REGEX = /(?:[(,=:[!&|?{};+\-*%<>~^]|\breturn|\btypeof|\bcase|\bin|\bof|=>)\s*$/;

/**
 * The program alone, every character where it was: types, comments, texts and regular expressions are blanks. What a template
 * computes stays.
 */
export function codeOf(source: string): string {
  const text = stripTypeScriptTypes(source, { mode: 'strip' });
  const out = [...text];
  const blank = (from: number, to: number): void => {
    for (let at = from; at < to; at += 1) if (out[at] !== '\n') out[at] = ' ';
  };
  /** Where braces of templates that we are in have begun. */
  const templates: number[] = [];
  let depth = 0;
  let at = 0;
  const skipTemplate = (from: number): number => {
    let end = from;
    while (end < text.length && text[end] !== '`' && !text.startsWith('${', end))
      end += text[end] === '\\' ? 2 : 1;
    blank(from, end);
    if (text[end] === '`') return end + 1;
    templates.push(depth);
    depth += 1;
    return end + 2;
  };
  while (at < text.length) {
    const begin = at;
    const char = text[at] ?? '';
    if (text.startsWith('//', at)) at = endOr(text.indexOf('\n', at), text.length);
    else if (text.startsWith('/*', at)) at = text.indexOf('*/', at) + 2;
    else if (char === "'" || char === '"') at = endOfQuoted(text, at, char);
    else if (char === '/' && BEFORE_REGEX.test(out.slice(Math.max(0, at - 20), at).join('')))
      at = endOfRegex(text, at);
    else if (char === '`') {
      at = skipTemplate(at + 1);
      continue;
    } else {
      if (char === '{') depth += 1;
      if (char === '}') {
        depth -= 1;
        if (templates.at(-1) === depth) {
          templates.pop();
          at = skipTemplate(at + 1);
          continue;
        }
      }
      at += 1;
      continue;
    }
    blank(begin, at);
  }
  return out.join('');
}

const endOr = (at: number, otherwise: number): number => (at < 0 ? otherwise : at);

function endOfQuoted(text: string, from: number, quote: string): number {
  let at = from + 1;
  while (at < text.length && text[at] !== quote) at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function endOfRegex(text: string, from: number): number {
  let at = from + 1;
  let isInClass = false;
  while (at < text.length && (isInClass || text[at] !== '/')) {
    if (text[at] === '[') isInClass = true;
    if (text[at] === ']') isInClass = false;
    at += text[at] === '\\' ? 2 : 1;
  }
  at += 1;
  while (/[a-z]/.test(text[at] ?? '')) at += 1;
  return at;
}
