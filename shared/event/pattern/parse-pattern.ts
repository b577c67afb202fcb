import { PATTERN_CHARACTERS, PATTERN_DEPTH } from '../../limits.ts';
import { parseTest } from './parse-test.ts';
import type { FieldPattern, Pattern } from './pattern.ts';
import { invalidPattern, shown } from './pattern-error.ts';

const OR = '$or';

/** Where in the document, and where in the event: they differ by `$or` and its indexes. */
interface Place {
  readonly path: readonly (string | number)[];
  readonly field: readonly string[];
}

function parseField(key: string, value: unknown, place: Place): FieldPattern {
  const here = { path: [...place.path, key], field: [...place.field, key] };
  if (!Array.isArray(value)) return { key, kind: 'object', pattern: parseObject(value, here) };
  if (value.length === 0) throw invalidPattern(here.path, 'is an empty list');
  const tests = value.map((member, index) => parseTest(member, [...here.path, index]));
  return { key, kind: 'leaf', path: here.field, tests };
}

function parseOr(value: unknown, { path, field }: Place): readonly Pattern[] {
  if (!Array.isArray(value) || value.length < 2) {
    throw invalidPattern([...path, OR], 'wants a list of at least two patterns');
  }
  return value.map((alternative, index) => parseObject(alternative, { path: [...path, OR, index], field }));
}

function parseObject(value: unknown, place: Place): Pattern {
  if (place.path.length >= PATTERN_DEPTH)
    throw invalidPattern(place.path, `nests deeper than ${PATTERN_DEPTH}`);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidPattern(place.path, `wants an object of fields or a list of values, got ${shown(value)}`);
  }
  const entries = Object.entries(value);
  if (entries.length === 0) throw invalidPattern(place.path, 'is empty');
  return {
    fields: entries.filter(([key]) => key !== OR).map(([key, inner]) => parseField(key, inner, place)),
    either: entries.filter(([key]) => key === OR).map(([, inner]) => parseOr(inner, place)),
  };
}

/**
 * Checks an EventBridge event pattern, given as parsed JSON.
 * @throws LandfallError CONFIG_INVALID naming the path in the pattern
 */
export function parsePattern(json: unknown): Pattern {
  const pattern = parseObject(json, { path: [], field: [] });
  const characters = JSON.stringify(json).length;
  if (characters > PATTERN_CHARACTERS) {
    throw invalidPattern([], `is ${characters} characters of JSON, over ${PATTERN_CHARACTERS}`);
  }
  return pattern;
}
