import { KUBERNETES_MANIFEST_BYTES } from '../../../limits.ts';

/** A few bytes of an artifact that would be gigabytes. */
export class VariableLimit extends Error {
  constructor() {
    super(`its variables come to more than ${KUBERNETES_MANIFEST_BYTES} characters`);
  }
}

/** What is done with the value of a variable: `${name:-default}`, `${name%%.*}`. */
export type VariableFunction = (value: string, args: readonly string[]) => string;

const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');

/** As Go's Atoi. */
const whole = (text: string): number | undefined => (/^[+-]?\d{1,15}$/.test(text) ? Number(text) : undefined);

const firstChanged = (text: string, change: (first: string) => string): string => {
  const [first = '', ...rest] = text;
  return change(first) + rest.join('');
};

/** `${v:POSITION:LENGTH}`, in bytes; what is no number changes nothing, as in bash. */
function part(value: string, [from = '', length]: readonly string[]): string {
  const all = bytes(value);
  const given = whole(from);
  if (given === undefined) return value;
  const start = given < 0 ? Math.max(0, all.length + given) : given;
  if (length === undefined) return all.subarray(start).toString('utf8');
  const count = whole(length);
  if (count === undefined) return value;
  const end = count < 0 ? all.length + count : start + count;
  return end <= start ? '' : all.subarray(start, end).toString('utf8');
}

/** One character of a shell's pattern; null is `*`. */
type Piece = ((character: string) => boolean) | null;

function pieceOf(text: string): Piece {
  if (text === '*') return null;
  if (text === '?') return () => true;
  if (text.length > 1 && text.startsWith('[')) {
    const expression = RegExp(text, 'u');
    return (character) => expression.test(character);
  }
  const literal = text.startsWith('\\') ? text.slice(1) : text;
  return (character) => character === literal;
}

/** Undefined where it is no pattern. */
function piecesOf(pattern: string): readonly Piece[] | undefined {
  try {
    const texts = pattern.match(/\\.|\[\^?(?:\\.|[^\]\\])+\]|[\s\S]/gu) ?? [];
    return texts.map(pieceOf);
  } catch {
    return undefined;
  }
}

/** The lengths of prefixes that match, from one character on: in one pass, whatever the pattern is. */
function* matchingPrefixes(text: readonly string[], pattern: string): Generator<number> {
  const pieces = piecesOf(pattern);
  if (pieces === undefined) return;
  /** Places in the pattern that may be reached, with those behind stars. */
  const reached = (places: Iterable<number>): ReadonlySet<number> => {
    const all = new Set<number>();
    for (let place of places) for (all.add(place); pieces[place] === null; all.add(place)) place += 1;
    return all;
  };
  let places = reached([0]);
  for (const [at, character] of text.entries()) {
    const next = [...places].flatMap((place) => {
      const piece = pieces[place];
      if (piece === null) return [place];
      return piece?.(character) === true ? [place + 1] : [];
    });
    places = reached(next);
    if (places.has(pieces.length)) yield at + 1;
  }
}

const trimmed = (value: string, pattern: string, which: 0 | -1): string => {
  const text = [...value];
  return text.slice([...matchingPrefixes(text, pattern)].at(which) ?? 0).join('');
};

const reversed = (text: string): string => [...text].reverse().join('');

const trimmedEnd = (value: string, pattern: string, which: 0 | -1): string =>
  reversed(trimmed(reversed(value), reversed(pattern), which));

/** It is counted while it grows: it would not fit into memory. */
function replacedAll(value: string, pattern: string, by: string): string {
  let size = value.length;
  return value.replaceAll(pattern, () => {
    size += by.length;
    if (size > KUBERNETES_MANIFEST_BYTES) throw new VariableLimit();
    return by;
  });
}

const orDefault: VariableFunction = (value, args) => (value === '' ? args.join('') : value);

/** @see https://github.com/fluxcd/pkg/blob/main/envsubst/funcs.go */
const FUNCTIONS: Readonly<Record<string, VariableFunction>> = {
  ',': (value) => firstChanged(value, (first) => first.toLowerCase()),
  ',,': (value) => value.toLowerCase(),
  '^': (value) => firstChanged(value, (first) => first.toUpperCase()),
  '^^': (value) => value.toUpperCase(),
  '#': (value, args) => (args[0] === undefined ? String(bytes(value).length) : trimmed(value, args[0], 0)),
  '##': (value, [pattern = '']) => trimmed(value, pattern, -1),
  '%': (value, [pattern = '']) => trimmedEnd(value, pattern, 0),
  '%%': (value, [pattern = '']) => trimmedEnd(value, pattern, -1),
  ':': part,
  '/': (value, [pattern = '', by = '']) => value.replace(pattern, () => by),
  '//': (value, [pattern = '', by = '']) => replacedAll(value, pattern, by),
  '/#': (value, [pattern = '', by]) =>
    by !== undefined && value.startsWith(pattern) ? by + value.slice(pattern.length) : value,
  '/%': (value, [pattern = '', by]) =>
    by !== undefined && value.endsWith(pattern) ? value.slice(0, value.length - pattern.length) + by : value,
};

/** Where no other is known by that name, a value that is empty is the argument. */
export const variableFunction = (name: string): VariableFunction => FUNCTIONS[name] ?? orDefault;

/** Those that say what a variable is where nobody has said it. */
export const hasDefault = (name: string): boolean => /^:?[-+=?]$/.test(name);
