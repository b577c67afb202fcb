/** Levels that a plain path has at most. */
export const PLAIN_LEVELS = 16;

const PLAIN = /^(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\/){0,15}[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

/**
 * Whether a path is as nearly all are, by one look: relative, of short names of ASCII that begin with no dot. No rule on
 * names forbids such a path but for its length and depth, so that the others need not be asked.
 */
export const isPlainPath = (path: string): boolean => PLAIN.test(path);
