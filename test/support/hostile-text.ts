import assert from 'node:assert/strict';

/**
 * What a stranger may write wherever there is room for text: it begins a line of its own, clears a screen, moves the
 * cursor, hides letters, turns them around, ends a C string and is no Unicode.
 */
export const HOSTILE_TEXT =
  'x\nFORGED y\r\u001b[2J\u0007\t\u007f\u0085\u009b1m\u202e\u2066\u200b\ufeff\u2028\u0000\ud800z';

const UNSEEN = /[^\P{C}\n]|[\u2028\u2029]/u;

/** What came out, whoever wrote it: each line is one that Landfall began, and nothing in it steers a terminal or is not seen. */
export function assertShown(text: string, where: string): void {
  const found = UNSEEN.exec(text) ?? /^ {0,3}FORGED/m.exec(text);
  if (found !== null)
    assert.fail(`${where}: ${JSON.stringify(text.slice(Math.max(0, found.index - 200), found.index + 100))}`);
}

/** The same for a part of a sentence, which has no line break either. */
export function assertOneLine(text: string, where: string): void {
  assertShown(text, where);
  assert.ok(!text.includes('\n'), `${where}: ${JSON.stringify(text.slice(0, 400))}`);
}

/** Keys whose texts are sentences of Landfall's; all others are data, which a document carries as it is. */
const SENTENCES: ReadonlySet<string> = new Set([
  'message',
  'hint',
  'next',
  'why',
  'notes',
  'error',
  'problems',
  'summary',
  'what',
  'waitsFor',
  'problem',
]);

function assertSentences(value: unknown, where: string, isSentence: boolean): void {
  if (typeof value === 'string' && isSentence) assertShown(value, where);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, each] of Object.entries(value))
    assertSentences(each, `${where}.${key}`, SENTENCES.has(key) || (Array.isArray(value) && isSentence));
}

/** Every message within what `--json` prints, one document or one a line. */
export function assertDocument(text: string, where: string): void {
  const documents = /^[[{]\n/.test(text) || !text.includes('\n{') ? [text] : text.trim().split('\n');
  for (const each of documents) assertSentences(JSON.parse(each), where, false);
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value, with the hostile text once in each place where a text may be: in a value, in place of one, in a key, as a key. */
export function* poisoned(value: unknown): Generator<unknown> {
  if (Array.isArray(value)) {
    yield [...value, HOSTILE_TEXT];
    for (const [at, item] of value.entries()) for (const bad of poisoned(item)) yield value.with(at, bad);
  } else if (isMap(value)) {
    yield { ...value, [HOSTILE_TEXT]: 'a' };
    for (const [key, item] of Object.entries(value)) {
      for (const bad of poisoned(item)) yield { ...value, [key]: bad };
      const { [key]: _, ...others } = value;
      yield { ...others, [`${key}${HOSTILE_TEXT}`]: item };
    }
  } else {
    if (typeof value === 'string') yield `${value}${HOSTILE_TEXT}`;
    yield HOSTILE_TEXT;
    yield { [HOSTILE_TEXT]: HOSTILE_TEXT };
    yield [HOSTILE_TEXT];
  }
}
