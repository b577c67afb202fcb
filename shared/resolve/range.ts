import { LandfallError } from '../errors.ts';
import { RANGE_CHARACTERS } from '../limits.ts';
import { type Comparator, meets, type Open, type Operator } from './comparator.ts';
import { parseVersion, type Version } from './version.ts';

interface AdmitOptions {
  /** Prereleases count as if every group asked for them. */
  readonly prereleases?: boolean;
}

/** A set of versions, as Flux's users write it. */
export interface Range {
  readonly text: string;
  /** A prerelease is admitted only by a group one of whose comparators has a prerelease (`>=1.0.0-0`). */
  admits(version: Version, options?: AdmitOptions): boolean;
}

/** Comparators that must all be met. */
type Group = readonly Comparator[];

const SPACE = String.raw`[\t\n\f\r ]`;
const PART = String.raw`(\d+|[xX*])`;
const IDENTIFIERS = String.raw`[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*`;
const COMPARATOR = new RegExp(
  String.raw`(!=|>=|=>|<=|=<|~>|[=><~^])?${SPACE}*v?${PART}(?:\.${PART})?(?:\.${PART})?(-${IDENTIFIERS})?(?:\+${IDENTIFIERS})?`,
  'y',
);
const HYPHEN = new RegExp(`${SPACE}+-${SPACE}+`, 'y');
const SEPARATOR = new RegExp(`${SPACE}*,${SPACE}*|${SPACE}+|$`, 'y');
const BLANK = new RegExp(`${SPACE}*`, 'y');
const WORD = /[^,|\t\n\f\r ]*(?:,|\|)?/y;
const SPELLINGS: Readonly<Record<string, Operator>> = { '=>': '>=', '=<': '<=', '~>': '~' };
const HINT = 'Write a range such as ">=6.0.0 <7.0.0", "~1.2", "1.x" or ">=1.0.0-0" (with prereleases).';

const invalid = (text: string, part: string, why: string): LandfallError =>
  new LandfallError(
    'RANGE_INVALID',
    `range ${JSON.stringify(text.slice(0, 160))}: ${JSON.stringify(part.slice(0, 80))} ${why}`,
    { hint: HINT },
  );

function take(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

const isOpen = (part: string | undefined): boolean => part === undefined || /^[xX*]$/.test(part);

function openPart(parts: readonly (string | undefined)[]): Open {
  const first = parts.findIndex(isOpen);
  return (['major', 'minor', 'patch'] as const)[first] ?? 'none';
}

function toComparator(text: string, match: RegExpExecArray): Comparator {
  const [whole, operator = '=', major, minor, patch, prerelease = ''] = match;
  const parts = [major, minor, patch];
  const first = parts.findIndex(isOpen);
  const numbers = parts.map((part, index) => (first !== -1 && index >= first ? '0' : part));
  const version = parseVersion(numbers.join('.') + prerelease);
  if (version === undefined) {
    throw invalid(text, whole, 'has a number over 2^64-1 or a prerelease number that starts with 0');
  }
  return { operator: SPELLINGS[operator] ?? (operator as Operator), version, open: openPart(parts) };
}

/** Reads one comparator, or the two of a hyphen range, from `at`. */
function readMember(range: string, group: string, at: number): { comparators: Group; end: number } {
  const word = (from: number): string => take(WORD, group, from)?.[0] || group.slice(from, from + 1);
  const first = take(COMPARATOR, group, at);
  if (first === null) throw invalid(range, word(at), 'is not a comparator');
  const low = toComparator(range, first);
  let end = at + first[0].length;
  const hyphen = first[1] === undefined ? take(HYPHEN, group, end) : null;
  if (hyphen === null) return { comparators: [low], end };
  const from = end + hyphen[0].length;
  const second = take(COMPARATOR, group, from);
  if (second === null || second[1] !== undefined)
    throw invalid(range, word(from), 'does not end a hyphen range');
  end = from + second[0].length;
  const high = toComparator(range, second);
  return {
    comparators: [
      { ...low, operator: '>=' },
      { ...high, operator: '<=' },
    ],
    end,
  };
}

function parseGroup(range: string, group: string): Group {
  const comparators: Comparator[] = [];
  let at = take(BLANK, group, 0)?.[0].length ?? 0;
  let more = true;
  while (more) {
    if (at === group.length) throw invalid(range, group.trim(), 'lacks a comparator');
    const member = readMember(range, group, at);
    const separator = take(SEPARATOR, group, member.end)?.[0];
    if (separator === undefined) {
      const rest = group.slice(at, member.end) + (take(WORD, group, member.end)?.[0] ?? '');
      throw invalid(
        range,
        rest,
        'is not one comparator: a version has at most three numbers, and two need a space or comma',
      );
    }
    comparators.push(...member.comparators);
    at = member.end + separator.length;
    more = at < group.length || separator.includes(',');
  }
  return comparators;
}

const asksForPrereleases = (group: Group): boolean =>
  group.some(({ version }) => version.prerelease.length > 0);

/**
 * Parses a range with the meaning Masterminds/semver gives it: comparators `= != > < >= => <= =< ~ ~> ^`, AND by
 * space or comma, OR by `||`, hyphen ranges, `x`, `X`, `*`, left-out parts, `v` and leading zeros.
 * @see https://github.com/Masterminds/semver#checking-version-constraints
 * @throws LandfallError RANGE_INVALID
 */
export function parseRange(text: string): Range {
  if (text.length > RANGE_CHARACTERS) {
    throw invalid(text, text, `is ${text.length} characters, more than ${RANGE_CHARACTERS}`);
  }
  const groups = text.split('||').map((group) => parseGroup(text, group));
  const admits = (version: Version, { prereleases = false }: AdmitOptions = {}): boolean =>
    groups.some(
      (group) =>
        (version.prerelease.length === 0 || prereleases || asksForPrereleases(group)) &&
        group.every((comparator) => meets(version, comparator)),
    );
  return { text, admits };
}
