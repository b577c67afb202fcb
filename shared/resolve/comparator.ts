import { comparePrecedence, comparePrerelease, type Version } from './version.ts';

/** As a user writes them; `=>`, `=<` and `~>` are other spellings, and no operator is `=`. */
export type Operator = '=' | '!=' | '>' | '<' | '>=' | '<=' | '~' | '^';

/** The first part of the version that was left out or written `x`, `X` or `*`: that part and those after it are open. */
export type Open = 'none' | 'patch' | 'minor' | 'major';

/** One condition of a range. Open parts count as 0 in `version`. */
export interface Comparator {
  readonly operator: Operator;
  readonly version: Version;
  readonly open: Open;
}

type Test = (version: Version, comparator: Comparator) => boolean;

const sameMajor = (a: Version, b: Version): boolean => a.major === b.major;
const sameMinor = (a: Version, b: Version): boolean => sameMajor(a, b) && a.minor === b.minor;

/** `>11` leaves all of 11 behind: it means `>=12`; likewise `>11.1` means `>=11.2`. */
const greater: Test = (version, { version: bound, open }) => {
  if (open === 'minor') return version.major > bound.major;
  if (open === 'patch')
    return version.major > bound.major || (sameMajor(version, bound) && version.minor > bound.minor);
  if (open === 'major' && !sameMajor(version, bound)) return version.major > bound.major;
  return comparePrecedence(version, bound) > 0;
};

/** `<=11` includes all of 11, and `<=11.1` all of 11.1. */
const lessOrEqual: Test = (version, { version: bound, open }) => {
  if (open === 'none') return comparePrecedence(version, bound) <= 0;
  if (!sameMajor(version, bound)) return version.major < bound.major;
  return open === 'minor' || version.minor <= bound.minor;
};

/** `~1.2.3` stays in 1.2, `~1` in 1. `~0.0.0` and `~*` are everything. */
const tilde: Test = (version, { version: bound, open }) => {
  if (comparePrecedence(version, bound) < 0) return false;
  const zero = bound.major === 0n && bound.minor === 0n && bound.patch === 0n;
  if (zero && (open === 'none' || open === 'major')) return true;
  return open === 'minor' ? sameMajor(version, bound) : sameMinor(version, bound);
};

/** `^1.2.3` stays in 1; below 1.0.0 the first part that is not 0 stays: `^0.2.3` in 0.2, `^0.0.3` is 0.0.3. */
const caret: Test = (version, { version: bound, open }) => {
  if (comparePrecedence(version, bound) < 0) return false;
  if (bound.major > 0n || open === 'minor') return sameMajor(version, bound);
  if (bound.minor > 0n || open === 'patch') return sameMinor(version, bound);
  return sameMinor(version, bound) && version.patch === bound.patch;
};

const notEqual: Test = (version, { version: bound, open }) => {
  if (open === 'minor') return !sameMajor(version, bound);
  if (open === 'patch') return !sameMinor(version, bound) || comparePrerelease(version, bound) !== 0;
  return comparePrecedence(version, bound) !== 0;
};

const TESTS: Readonly<Record<Operator, Test>> = {
  '=': (version, comparator) =>
    comparator.open === 'none'
      ? comparePrecedence(version, comparator.version) === 0
      : tilde(version, comparator),
  '!=': notEqual,
  '>': greater,
  '<': (version, { version: bound }) => comparePrecedence(version, bound) < 0,
  '>=': (version, { version: bound }) => comparePrecedence(version, bound) >= 0,
  '<=': lessOrEqual,
  '~': tilde,
  '^': caret,
};

/** Whether a version meets one condition, prereleases being already decided on. */
export const meets = (version: Version, comparator: Comparator): boolean =>
  TESTS[comparator.operator](version, comparator);
