import { LandfallError } from '../errors.ts';
import { opensMoreThan } from '../kernel/open-brackets.ts';
import { JSON_DEPTH, OPEN_BRACKETS } from '../limits.ts';
import { FREE_SHAPE, foldKey, type Shape } from './json-shape.ts';

const SCALAR = /[^ \t\r\n,\]}]+/y;
/** What Go takes for an int64; 5.0 and 1e3 are integers to JavaScript alone. */
const WHOLE = /^(?:0|-?[1-9][0-9]*)$/;

const invalid = (what: string, why: string, cause?: unknown): LandfallError =>
  new LandfallError('MANIFEST_INVALID', `${what} ${why}`, { cause });

const quote = (text: string): string => JSON.stringify(text.slice(0, 80));

/** Walks over text that JSON.parse has already proven well formed, looking for what parsers disagree on. */
class Scanner {
  readonly #text: string;
  readonly #what: string;
  #at = 0;

  constructor(text: string, what: string) {
    this.#text = text;
    this.#what = what;
  }

  value(shape: Shape, depth = 0): void {
    const char = this.#next();
    if (depth === JSON_DEPTH && (char === '{' || char === '['))
      throw invalid(this.#what, `nests deeper than ${JSON_DEPTH}`);
    if (char === '{') this.#object(shape, depth + 1);
    else if (char === '[') this.#list(shape.kind === 'list' ? shape.of : FREE_SHAPE, depth + 1);
    else if (char === '"') this.#string();
    else this.#scalar(shape);
  }

  #object(shape: Shape, depth: number): void {
    const seen = new Set<string>();
    while (this.#more('}')) {
      const key = this.#key();
      if (seen.has(key)) throw invalid(this.#what, `key ${quote(key)} appears twice`);
      seen.add(key);
      const inner = this.#shapeOf(key, shape);
      this.#next();
      this.#at += 1;
      this.value(inner, depth);
    }
  }

  #list(of: Shape, depth: number): void {
    while (this.#more(']')) this.value(of, depth);
  }

  /** Steps over the opening bracket or a comma, and says whether a value follows; else over the closing bracket. */
  #more(close: string): boolean {
    if (this.#next() !== close) {
      this.#at += 1;
      if (this.#next() !== close) return true;
    }
    this.#at += 1;
    return false;
  }

  #shapeOf(key: string, shape: Shape): Shape {
    if (shape.kind !== 'object') return FREE_SHAPE;
    const known = shape.keys.get(key);
    if (known !== undefined) return known;
    const other = shape.folded.get(foldKey(key));
    if (other === undefined) return FREE_SHAPE;
    throw invalid(
      this.#what,
      `key ${quote(key)} is another spelling of ${quote(other)}: readers that ignore case take it for that`,
    );
  }

  #key(): string {
    const text = this.#string();
    return text.includes('\\') ? (JSON.parse(text) as string) : text.slice(1, -1);
  }

  #string(): string {
    const start = this.#at;
    let end = this.#text.indexOf('"', start + 1);
    while (this.#isEscaped(end)) end = this.#text.indexOf('"', end + 1);
    this.#at = end + 1;
    return this.#text.slice(start, this.#at);
  }

  #isEscaped(quote: number): boolean {
    let first = quote;
    while (this.#text[first - 1] === '\\') first -= 1;
    return (quote - first) % 2 === 1;
  }

  #scalar({ kind }: Shape): void {
    SCALAR.lastIndex = this.#at;
    const word = SCALAR.exec(this.#text)?.[0] ?? '';
    this.#at += word.length;
    if (kind !== 'integer' || WHOLE.test(word) || !/^[-0-9]/.test(word)) return;
    throw invalid(this.#what, `number ${word.slice(0, 80)} is not written as a whole number`);
  }

  /** Steps over blanks, to the character it gives. */
  #next(): string | undefined {
    let char = this.#text[this.#at];
    while (char === ' ' || char === '\n' || char === '\r' || char === '\t') {
      this.#at += 1;
      char = this.#text[this.#at];
    }
    return char;
  }
}

/**
 * Parses JSON from bytes, refusing what parsers disagree on: bytes that are not UTF-8, a key given twice, a key that
 * is a known one of `shape` but for case, a whole number written as a fraction. `what` names the document in messages.
 * @throws LandfallError MANIFEST_INVALID
 */
export function parseStrictJson(bytes: Uint8Array, what: string, shape: Shape): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw invalid(what, 'is not UTF-8', cause);
  }
  if (opensMoreThan(text, OPEN_BRACKETS)) throw invalid(what, `nests deeper than ${JSON_DEPTH}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(what, `is not JSON: it starts with ${JSON.stringify(text.slice(0, 60))}`, cause);
  }
  new Scanner(text, what).value(shape);
  return value;
}
