import { RANGE_CHARACTERS } from '../limits.ts';
/**
 * A version as Flux and Masterminds/semver read one: SemVer 2.0, with a lower-case `v` before it and leading zeros
 * in its three numbers allowed, so that `v2025.07.03` is one. Numbers are exact up to 2^64-1, where npm's semver ends
 * at 2^53-1 and compares longer prerelease numbers (a time in milliseconds has 17 digits) as floats.
 */
export interface Version {
  /** What it was parsed from. */
  readonly text: string;
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  /** Identifiers of the prerelease; none means a release. */
  readonly prerelease: readonly string[];
  /** Identifiers of the build metadata, which precedence ignores. */
  readonly build: readonly string[];
}

const UINT64_MAX = 2n ** 64n - 1n;
/** @see https://semver.org/spec/v2.0.0.html#spec-item-9 */
const VERSION =
  /^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;
const DIGITS = /^\d+$/;
const PADDED = /^0\d+$/;

const identifiers = (text: string | undefined): readonly string[] => text?.split('.') ?? [];

/** Parses a version of three parts; undefined where the text is none (`1.2`, `latest`, `1.2.3-01`). */
export function parseVersion(text: string): Version | undefined {
  // Tags end at 128 characters; a range's version at the range's own limit.
  const match = text.length > RANGE_CHARACTERS ? null : VERSION.exec(text);
  if (match === null) return undefined;
  const [, major = '', minor = '', patch = '', prerelease, build] = match;
  const version = {
    text,
    major: BigInt(major),
    minor: BigInt(minor),
    patch: BigInt(patch),
    prerelease: identifiers(prerelease),
    build: identifiers(build),
  };
  const numbers = [version.major, version.minor, version.patch];
  if (numbers.some((number) => number > UINT64_MAX)) return undefined;
  return version.prerelease.some((identifier) => PADDED.test(identifier)) ? undefined : version;
}

/**
 * Parses a version that Helm may have written into a tag: `+` is no tag character, so Helm writes `_`. Tried only
 * where the text is no version as it stands.
 * @see https://helm.sh/docs/topics/registries/#oci-feature-deprecation-and-behavior-changes-with-v370
 */
export const parseHelmVersion = (text: string): Version | undefined =>
  parseVersion(text) ?? (text.includes('_') ? parseVersion(text.replaceAll('_', '+')) : undefined);

/** Compares digit strings of any length by value. */
function compareDigits(a: string, b: string): number {
  const [x, y] = [a.replace(/^0+(?=\d)/, ''), b.replace(/^0+(?=\d)/, '')];
  return x.length - y.length || compareText(x, y);
}

/** Byte order, for ASCII. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** @see https://semver.org/spec/v2.0.0.html#spec-item-11 */
function compareIdentifier(a: string, b: string): number {
  const [numberA, numberB] = [DIGITS.test(a), DIGITS.test(b)];
  if (numberA && numberB) return compareDigits(a, b);
  return numberA === numberB ? compareText(a, b) : numberA ? -1 : 1;
}

function compareIdentifiers(a: readonly string[], b: readonly string[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index];
    const order = right === undefined ? 1 : compareIdentifier(left, right);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

const compareNumbers = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** Orders two prereleases of the same three numbers; a release is above all of them. */
export function comparePrerelease(a: Version, b: Version): number {
  if (a.prerelease.length === 0 || b.prerelease.length === 0)
    return b.prerelease.length - a.prerelease.length;
  return compareIdentifiers(a.prerelease, b.prerelease);
}

/** SemVer precedence: negative where `a` is lower, 0 where only build metadata or spelling differ. */
export const comparePrecedence = (a: Version, b: Version): number =>
  compareNumbers(a.major, b.major) ||
  compareNumbers(a.minor, b.minor) ||
  compareNumbers(a.patch, b.patch) ||
  comparePrerelease(a, b);

/**
 * Orders the versions that tags stand for, lowest first, the same way every time: precedence, then no build metadata
 * above some (a tag that is a version as it stands is never displaced by one read through Helm's `_`), then build
 * metadata by its identifiers, then plain above `v`, then the text in byte order.
 */
export const compareVersions = (a: Version, b: Version): number =>
  comparePrecedence(a, b) ||
  Number(a.build.length === 0) - Number(b.build.length === 0) ||
  compareIdentifiers(a.build, b.build) ||
  Number(b.text.startsWith('v')) - Number(a.text.startsWith('v')) ||
  compareText(a.text, b.text);
