import { compilePattern } from './tag-filter.ts';

/**
 * Whether the whole of a text matches, whatever anchors and alternatives the expression has.
 * @throws LandfallError REGEX_INVALID
 */
export function wholeMatcher(pattern: string): (text: string) => boolean {
  const compiled = compilePattern(pattern, 'pattern');
  return (text) => compiled.matches(text);
}
