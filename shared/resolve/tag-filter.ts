import { RE2JS } from 're2js';
import { LandfallError } from '../errors.ts';
import { REGEX_CHARACTERS, REGEX_INSTRUCTIONS } from '../limits.ts';
import { printableLine } from '../printable.ts';
import { expandTemplate, parseTemplate, type TemplatePart } from './extract-template.ts';

/** What is ordered for a tag: the expanded template, or the tag itself; undefined where the filter rules the tag out. */
export type TagFilter = (tag: string) => string | undefined;

const refuse = (what: string, text: string, why: string, hint: string, cause?: unknown): LandfallError =>
  new LandfallError('REGEX_INVALID', `${what} ${JSON.stringify(text.slice(0, 160))} ${why}`, { hint, cause });

const PATTERN_HINT =
  'Write RE2 syntax: no lookaheads, lookbehinds or back-references, because the engine cannot backtrack.';

export function compilePattern(pattern: string, what = 'filter'): RE2JS {
  if (pattern.length > REGEX_CHARACTERS) {
    const why = `is ${pattern.length} characters, more than ${REGEX_CHARACTERS}`;
    throw refuse(what, pattern, why, 'Shorten it.');
  }
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch (cause) {
    const why =
      cause instanceof Error ? cause.message.replace(/^error parsing regexp: /, '') : 'does not parse';
    // It repeats the pattern, or a part of it.
    throw refuse(what, pattern, `is not a regular expression: ${printableLine(why)}`, PATTERN_HINT, cause);
  }
  const size = compiled.programSize();
  if (size <= REGEX_INSTRUCTIONS) return compiled;
  const why = `compiles to ${size} instructions, more than ${REGEX_INSTRUCTIONS}`;
  throw refuse(what, pattern, why, 'Repeat less: {n,m} counts once for each repetition.');
}

function checkGroups(template: string, parts: readonly TemplatePart[], compiled: RE2JS): void {
  const names = Object.keys(compiled.namedGroups());
  const wanted = parts.flatMap((part) => (part.kind === 'group' ? [part.group] : []));
  const there = `the filter has ${compiled.groupCount()} groups, named: ${names.join(', ') || 'none'}`;
  const hint = `Name a group of the filter, e.g. (?P<ts>[0-9]+) and extract: $ts; ${there}.`;
  if (wanted.length === 0)
    throw refuse('extract', template, 'names no group, so every tag would be equal', hint);
  const known = (group: string | number): boolean =>
    typeof group === 'number' ? group <= compiled.groupCount() : names.includes(group);
  const unknown = wanted.find((group) => !known(group));
  if (unknown === undefined) return;
  throw refuse('extract', template, `names group ${JSON.stringify(unknown)}, which the filter lacks`, hint);
}

/**
 * Compiles a filter: unanchored, over tags as the registry has them (before Helm's `_` becomes `+`), as Flux's
 * semverFilter and filterTags are. `extract` is a template over its groups: `$name`, `${name}`, `$1`, `$0`.
 * @throws LandfallError REGEX_INVALID
 */
export function tagFilter(pattern: string, extract?: string): TagFilter {
  const compiled = compilePattern(pattern);
  if (extract === undefined) return (tag) => (compiled.test(tag) ? tag : undefined);
  if (extract.length > REGEX_CHARACTERS) {
    throw refuse('extract', extract, `is over ${REGEX_CHARACTERS} characters`, 'Shorten it.');
  }
  const parts = parseTemplate(extract);
  checkGroups(extract, parts, compiled);
  return (tag) => {
    const matcher = compiled.matcher(tag);
    return matcher.find() ? expandTemplate(parts, (group) => matcher.group(group)) : undefined;
  };
}
