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
  at: number;
}

const invalid = (text: string, why: string): LandfallError =>
  new LandfallError('CONFIG_INVALID', `glob ${JSON.stringify(text.slice(0, GLOB_CHARACTERS))} ${why}`, {
    hint: 'Write * within a path component, ** across components, ?, [abc], {a,b}.',
  });

/** Parses `[abc]`, `[a-z]`, `[!abc]`, the cursor behind the bracket. A class never stands for "/". */
function parseClass(cursor: Cursor): GlobPiece {
  const { text } = cursor;
  const close = text.indexOf(']', cursor.at + 1);
  if (close < 0) throw invalid(text, 'has a [ without its ]');
  const body = text.slice(cursor.at, close);
  cursor.at = close + 1;
  const negated = body.startsWith('!') || body.startsWith('^');
  const members = negated ? body.slice(1) : body;
  if (members === '') throw invalid(text, 'has an empty [ ]');
  const ranges: (readonly [string, string])[] = [];
  for (let at = 0; at < members.length; at += 1) {
    const from = members.charAt(at);
    const ranged = members[at + 1] === '-' && at + 2 < members.length;
    const to = ranged ? members.charAt(at + 2) : from;
    if (to < from) throw invalid(text, `has the backward range ${JSON.stringify(`${from}-${to}`)}`);
    ranges.push([from, to]);
    if (ranged) at += 2;
  }
  return {
    kind: 'one',
    accepts: (character) =>
      character !== '/' && ranges.some(([from, to]) => character >= from && character <= to) !== negated,
  };
}

function parseBranches(cursor: Cursor): GlobPiece {
  const branches: (readonly GlobPiece[])[] = [];
  for (;;) {
    branches.push(parsePieces(cursor, true));
    const end = cursor.text[cursor.at];
    if (end === undefined) throw invalid(cursor.text, 'has a { without its }');
    cursor.at += 1;
    if (end === '}') return { kind: 'either', branches };
  }
}

function parsePiece(cursor: Cursor): GlobPiece {
  const character = cursor.text.charAt(cursor.at);
  cursor.at += 1;
  if (character === '*') {
    const start = cursor.at;
    while (cursor.text[cursor.at] === '*') cursor.at += 1;
    return { kind: 'run', crosses: cursor.at > start };
  }
  if (character === '?') return { kind: 'one', accepts: (other) => other !== '/' };
  if (character === '[') return parseClass(cursor);
  if (character === '{') return parseBranches(cursor);
  if (character !== '\\') return { kind: 'literal', character };
  const escaped = cursor.text[cursor.at];
  if (escaped === undefined) throw invalid(cursor.text, 'ends in a backslash');
  cursor.at += 1;
  return { kind: 'literal', character: escaped };
}

function parsePieces(cursor: Cursor, inBranch: boolean): readonly GlobPiece[] {
  const pieces: GlobPiece[] = [];
  while (cursor.at < cursor.text.length) {
    const next = cursor.text[cursor.at];
    if (inBranch && (next === ',' || next === '}')) break;
    pieces.push(parsePiece(cursor));
  }
  return pieces;
}

/** @throws LandfallError CONFIG_INVALID */
export function parseGlobPieces(text: string): readonly GlobPiece[] {
  if (text === '') throw invalid(text, 'is empty; leave it out to match everything');
  if (text.length > GLOB_CHARACTERS) throw invalid(text, `is longer than ${GLOB_CHARACTERS} characters`);
  return parsePieces({ text, at: 0 }, false);
}
