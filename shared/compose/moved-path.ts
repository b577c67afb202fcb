/** Whether a path is the folder or file that is meant, or below it. */
export const isUnder = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(`${folder}/`);

/** What is taken of a part, and where it goes: see `include` of a source. */
export interface Move {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/**
 * Where a path of a part is in what is composed; undefined: it is not taken. A folder's content goes into `to`; a file that
 * `from` names is `to`, or keeps its own name. '' stands for the root.
 */
export function movedPath(path: string, { from, to = '' }: Move): string | undefined {
  const into = (rest: string): string => (to === '' || rest === '' ? `${to}${rest}` : `${to}/${rest}`);
  if (from === undefined) return into(path);
  if (path === from) return to === '' ? from.slice(from.lastIndexOf('/') + 1) : to;
  return isUnder(path, from) ? into(path.slice(from.length + 1)) : undefined;
}
