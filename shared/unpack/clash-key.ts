// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII, which needs no table
const ASCII = /^[\u0000-\u007f]*$/;
/** Not a case of "i" but in Turkish: no file system folds it. */
const DOTLESS_I = '\u0131';

/** `mapped`, where it is one character: a case that takes two ("SS" of "ß") is none of simple folding. */
const single = (mapped: string, original: string): string => {
  const [, second] = mapped;
  return second === undefined ? mapped : [...mapped].length === 1 ? mapped : original;
};

function foldCharacter(character: string): string {
  if (character === DOTLESS_I) return character;
  const upper = single(character.toUpperCase(), character);
  return single(upper.toLowerCase(), upper);
}

/**
 * Paths with equal keys are one file on a file system that folds case or normalises Unicode, and no others: simple case
 * folding, one character for one, over canonical decomposition, as NTFS, APFS and HFS+ compare names between them. So
 * "ß" and "ẞ" are one and "ß" and "ss" are two, and what only looks alike ("x²" and "x2", "Ａ" and "A", "ﬁ" and "fi":
 * compatibility forms) stays apart.
 * @see https://www.unicode.org/Public/UCD/latest/ucd/CaseFolding.txt statuses C and S
 */
export function clashKey(path: string): string {
  if (ASCII.test(path)) return path.toLowerCase();
  return Array.from(path.normalize('NFD'), foldCharacter).join('').normalize('NFD');
}
