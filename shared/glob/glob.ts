import { type GlobPiece, parseGlobPieces } from './glob-syntax.ts';

/**
 * A parsed glob over a repository: `*` stays within a component, `**` crosses them, `?`, `[abc]`, `[!a-z]`, `{a,b}`,
 * `\` escapes. It matches the whole text or not at all.
 */
export interface Glob {
  readonly text: string;
  readonly specificity: Specificity;
  matches(candidate: string): boolean;
}

/** How narrow a glob is, in the order the facts count. */
export interface Specificity {
  /** No wildcard at all. */
  readonly literal: boolean;
  /** Characters before the first wildcard. */
  readonly prefix: number;
  /** Has `**`. */
  readonly crosses: boolean;
  /** Characters that must be there, wherever they are. */
  readonly literals: number;
}

type State =
  | { readonly kind: 'accept' }
  | { readonly kind: 'split'; readonly next: number[] }
  | { readonly kind: 'one'; readonly accepts: (character: string) => boolean; readonly next: number };

/** Adds the states of one piece before state `next`, and returns where they begin. */
function compilePiece(piece: GlobPiece, next: number, states: State[]): number {
  switch (piece.kind) {
    case 'literal':
      return states.push({ kind: 'one', accepts: (other) => other === piece.character, next }) - 1;
    case 'one':
      return states.push({ ...piece, next }) - 1;
    case 'run': {
      const loop = { kind: 'split' as const, next: [next] };
      const start = states.push(loop) - 1;
      loop.next.push(
        states.push({ kind: 'one', accepts: (other) => piece.crosses || other !== '/', next: start }) - 1,
      );
      return start;
    }
    case 'either':
      return (
        states.push({
          kind: 'split',
          next: piece.branches.map((branch) => compilePieces(branch, next, states)),
        }) - 1
      );
  }
}

const compilePieces = (pieces: readonly GlobPiece[], next: number, states: State[]): number =>
  pieces.reduceRight((after, piece) => compilePiece(piece, after, states), next);

function reach(from: number, states: readonly State[], reached: Set<number>): void {
  if (reached.has(from)) return;
  reached.add(from);
  const state = states[from];
  if (state?.kind === 'split') for (const next of state.next) reach(next, states, reached);
}

/** Runs every branch at once: time is at most states × characters, whatever the glob. */
function run(states: readonly State[], start: number, candidate: string): boolean {
  let current = new Set<number>();
  reach(start, states, current);
  for (const character of candidate) {
    const following = new Set<number>();
    for (const at of current) {
      const state = states[at];
      if (state?.kind === 'one' && state.accepts(character)) reach(state.next, states, following);
    }
    if (following.size === 0) return false;
    current = following;
  }
  return current.has(0);
}

const crosses = (piece: GlobPiece): boolean =>
  piece.kind === 'run' ? piece.crosses : piece.kind === 'either' && piece.branches.flat().some(crosses);

function specificityOf(pieces: readonly GlobPiece[]): Specificity {
  const wildcard = pieces.findIndex(({ kind }) => kind !== 'literal');
  return {
    literal: wildcard < 0,
    prefix: wildcard < 0 ? pieces.length : wildcard,
    crosses: pieces.some(crosses),
    literals: pieces.filter(({ kind }) => kind === 'literal').length,
  };
}

/** @throws LandfallError CONFIG_INVALID naming what is wrong with the glob */
export function parseGlob(text: string): Glob {
  const pieces = parseGlobPieces(text);
  const states: State[] = [{ kind: 'accept' }];
  const start = compilePieces(pieces, 0, states);
  return {
    text,
    specificity: specificityOf(pieces),
    matches: (candidate) => run(states, start, candidate),
  };
}

/** For one-off use; keep the result of {@link parseGlob} where many texts are matched. */
export const matchesGlob = (glob: string, candidate: string): boolean => parseGlob(glob).matches(candidate);

/** Negative where `a` is the more specific; undefined (no glob) is the least. 0 is a tie. */
export function compareSpecificity(a: Specificity | undefined, b: Specificity | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  return (
    Number(b.literal) - Number(a.literal) ||
    b.prefix - a.prefix ||
    Number(a.crosses) - Number(b.crosses) ||
    b.literals - a.literals
  );
}
