import { isObject, parseJson } from '../../kernel/json.ts';

/** A part of a text, by its first character and the one behind its last. */
interface Part {
  readonly from: number;
  readonly to: number;
}

/** What can begin or end an object, or hide such signs. */
const SIGN = /["{}]/g;
const BLANK = /^[\ufeff\s]*$/;

/** Behind the quotes that open at `from`; undefined where they do not close. */
function behindQuotes(text: string, from: number): number | undefined {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '"') return at + 1;
    if (text[at] === '\\') at += 1;
  }
  return undefined;
}

/** Where the outermost braces open and close; undefined where anything but blanks is beside them. */
function bracedIn(text: string): readonly Part[] | undefined {
  const parts: Part[] = [];
  const sign = new RegExp(SIGN);
  let [depth, from, to] = [0, 0, 0];
  for (let match = sign.exec(text); match !== null; match = sign.exec(text)) {
    const { 0: found, index } = match;
    if (depth === 0 && (found !== '{' || !BLANK.test(text.slice(to, index)))) return undefined;
    if (found === '"') {
      const behind = behindQuotes(text, index);
      if (behind === undefined) return undefined;
      sign.lastIndex = behind;
      continue;
    }
    if (depth === 0) from = index;
    depth += found === '{' ? 1 : -1;
    to = index + 1;
    if (depth === 0) parts.push({ from, to });
  }
  return depth === 0 && BLANK.test(text.slice(to)) ? parts : undefined;
}

/**
 * The JSON objects that a text consists of, one behind another with blanks or nothing between them, as `jq '.items[]'`
 * and `cat *.json` make it and kubectl reads it. Undefined where it is one object, or anything else: then YAML says what
 * it is.
 */
export function jsonObjectsIn(text: string): readonly Part[] | undefined {
  const parts = bracedIn(text);
  if (parts === undefined || parts.length < 2) return undefined;
  const isJson = ({ from, to }: Part): boolean => {
    const parsed = parseJson(text.slice(from, to));
    return parsed.ok && isObject(parsed.value);
  };
  return parts.every(isJson) ? parts : undefined;
}
