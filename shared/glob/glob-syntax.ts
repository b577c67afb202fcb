import { LandfallError } from '../errors.ts';
import { GLOB_CHARACTERS } from '../limits.ts';

/** One part of a glob. `run` is `*`, or `**` where it crosses "/". */
export type GlobPiece =
  | { readonly kind: 'literal'; readonly character: string }
  | { readonly kind: 'one'; readonly accepts: (character: string) => boolean }
  | { readonly kind: 'run'; readonly crosses: boolean }
  | { readonly kind: 'either'; readonly branches: readonly (readonly GlobPiece[])[] };

interface Cursor {
  readonly text: string;
  /** Of the text; one beyond U+FFFF is one here as well, as it is in what is matched. */
  readonly characters: readonly string[];
  at: number;
}

const invalid = (text: string, why: string): LandfallError =>
  new LandfallError('CONFIG_INVALID', `glob ${JSON.stringify(text.slice(0, GLOB_CHARACTERS))} ${why}`, {
    hint: 'Write * within a path component, ** across components, ?, [abc], {a,b}.',
  });

const codeOf = (character: string): number => character.codePointAt(0) ?? 0;

/** Parses `[abc]`, `[a-z]`, `[!abc]`, the cursor behind the bracket. A class never stands for "/". */
function parseClass(cursor: Cursor): GlobPiece {
  const { text, characters } = cursor;
  const close = characters.indexOf(']', cursor.at + 1);
  if (close < 0) throw invalid(text, 'has a [ without its ]');
  const body = characters.slice(cursor.at, close);
  cursor.at = close + 1;
  const negated = body[0] === '!' || body[0] === '^';
  const members = negated ? body.slice(1) : body;
  if (members.length === 0) throw invalid(text, 'has an empty [ ]');
  const ranges: (readonly [number, number])[] = [];
  for (let at = 0; at < members.length; at += 1) {
    const from = members[at] ?? '';
    const ranged = members[at + 1] === '-' && at + 2 < members.length;
    const to = (ranged ? members[at + 2] : from) ?? '';
    if (codeOf(to) < codeOf(from))
      throw invalid(text, `has the backward range ${JSON.stringify(`${from}-${to}`)}`);
    ranges.push([codeOf(from), codeOf(to)]);
    if (ranged) at += 2;
  }
  return {
    kind: 'one',
    accepts: (character) => {
      const code = codeOf(character);
      return character !== '/' && ranges.some(([from, to]) => code >= from && code <= to) !== negated;
    },
  };
}

function parseBranches(cursor: Cursor): GlobPiece {
  const branches: (readonly GlobPiece[])[] = [];
  for (;;) {
    branches.push(parsePieces(cursor, true));
    const end = cursor.characters[cursor.at];
    if (end === undefined) throw invalid(cursor.text, 'has a { without its }');
    cursor.at += 1;
    if (end === '}') return { kind: 'either', branches };
  }
}

function parsePiece(cursor: Cursor): GlobPiece {
  const character = cursor.characters[cursor.at] ?? '';
  cursor.at += 1;
  if (character === '*') {
    const start = cursor.at;
    while (cursor.characters[cursor.at] === '*') cursor.at += 1;
    return { kind: 'run', crosses: cursor.at > start };
  }
  if (character === '?') return { kind: 'one', accepts: (other) => other !== '/' };
  if (character === '[') return parseClass(cursor);
  if (character === '{') return parseBranches(cursor);
  if (character !== '\\') return { kind: 'literal', character };
  const escaped = cursor.characters[cursor.at];
  if (escaped === undefined) throw invalid(cursor.text, 'ends in a backslash');
  cursor.at += 1;
  return { kind: 'literal', character: escaped };
}

function parsePieces(cursor: Cursor, inBranch: boolean): readonly GlobPiece[] {
  const pieces: GlobPiece[] = [];
  while (cursor.at < cursor.characters.length) {
    const next = cursor.characters[cursor.at];
    if (inBranch && (next === ',' || next === '}')) break;
    pieces.push(parsePiece(cursor));
  }
  return pieces;
}

/** @throws LandfallError CONFIG_INVALID */
export function parseGlobPieces(text: string): readonly GlobPiece[] {
  if (text === '') throw invalid(text, 'is empty; leave it out to match everything');
  if (text.length > GLOB_CHARACTERS) throw invalid(text, `is longer than ${GLOB_CHARACTERS} characters`);
  return parsePieces({ text, characters: Array.from(text), at: 0 }, false);
}
