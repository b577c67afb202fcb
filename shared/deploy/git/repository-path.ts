/**
 * What Git takes for its own folder on some machine: `.git`, in any case, with what HFS+ ignores, and as NTFS calls it.
 * @see https://git-scm.com/docs/git-config `core.protectHFS`, `core.protectNTFS`
 */
const GITS_OWN = /^(?:\.git|git~1)[. ]*(?::.*)?$/i;
const IGNORED_BY_HFS = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** Where submodules are checked out from: a file of the repository's owners alone. */
const SUBMODULES = /^(?:\.gitmodules|gitmod~\d)[. ]*(?::.*)?$/i;

const isGits = (name: string): boolean => GITS_OWN.test(name) || SUBMODULES.test(name);

const isName = (name: string): boolean =>
  !['', '.', '..'].includes(name) && !isGits(name.replaceAll(IGNORED_BY_HFS, '')) && !name.includes('\\');

/** Whether a file of that path can be in a repository, and in every checkout of it. */
export const isRepositoryPath = (path: string): boolean =>
  path.length <= 4096 && !/\p{Cc}/u.test(path) && path.split('/').every(isName);

/** A path below a folder; undefined: the root. */
export const below = (folder: string | undefined, path: string): string =>
  folder === undefined ? path : `${folder}/${path}`;
