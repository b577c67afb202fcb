import { LandfallError } from '../errors.ts';

/** Deeper documents than this are attacks on somebody's recursion. */
const MAX_DEPTH = 64;

/** Advances past a JSON string that starts at `start`; JSON.parse has already proven the text well formed. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function refuseDuplicateKeys(text: string, what: string): void {
  const scopes: (Set<string> | null)[] = [];
  let expectKey = false;
  for (let at = 0; at < text.length; ) {
    const char = text[at];
    if (char === '"') {
      const end = endOfString(text, at);
      const keys = scopes.at(-1);
      if (expectKey && keys) {
        const key = JSON.parse(text.slice(at, end)) as string;
        if (keys.has(key)) throw invalid(what, `key ${JSON.stringify(key.slice(0, 80))} appears twice`);
        keys.add(key);
        expectKey = false;
      }
      at = end;
      continue;
    }
    if (char === '{' || char === '[') {
      scopes.push(char === '{' ? new Set() : null);
      expectKey = char === '{';
      if (scopes.length > MAX_DEPTH) throw invalid(what, `nests deeper than ${MAX_DEPTH}`);
    } else if (char === '}' || char === ']') {
      scopes.pop();
      expectKey = false;
    } else if (char === ',') expectKey = scopes.at(-1) !== null;
    at += 1;
  }
}

const invalid = (what: string, why: string, cause?: unknown): LandfallError =>
  new LandfallError('MANIFEST_INVALID', `${what} ${why}`, { cause });

/**
 * Parses JSON from bytes, refusing what parsers disagree on: bytes that are not UTF-8, a key given twice.
 * `what` names the document in the message.
 * @throws LandfallError MANIFEST_INVALID
 */
export function parseStrictJson(bytes: Uint8Array, what: string): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw invalid(what, 'is not UTF-8', cause);
  }
  try {
    const value: unknown = JSON.parse(text);
    refuseDuplicateKeys(text, what);
    return value;
  } catch (cause) {
    if (cause instanceof LandfallError) throw cause;
    const start = JSON.stringify(text.slice(0, 60));
    throw invalid(what, `is not JSON: it starts with ${start}`, cause);
  }
}
