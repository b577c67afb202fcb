import { isObject } from '../../kernel/json.ts';
import { PATTERN_CHARACTERS, PATTERN_COMBINATIONS, PATTERN_DEPTH } from '../../limits.ts';
import { parseTest } from './parse-test.ts';
import type { FieldPattern, Pattern } from './pattern.ts';
import { invalidPattern, shown } from './pattern-error.ts';

const OR = '$or';

/** Fields that must all match, in no order yet. */
type FieldPatterns = readonly FieldPattern[];

/** Where in the document, and where in the event: they differ by `$or` and its indexes. */
interface Place {
  readonly path: readonly (string | number)[];
  readonly field: readonly string[];
}

function parseField(key: string, value: unknown, place: Place): readonly FieldPatterns[] {
  const here = { path: [...place.path, key], field: [...place.field, key] };
  if (!Array.isArray(value)) return parseObject(value, here);
  if (value.length === 0) throw invalidPattern(here.path, 'is an empty list');
  const tests = value.map((member, index) => parseTest(member, [...here.path, index]));
  return [[{ name: here.field.join('.'), tests }]];
}

function parseOr(value: unknown, { path, field }: Place): readonly FieldPatterns[] {
  if (!Array.isArray(value) || value.length < 2) {
    throw invalidPattern([...path, OR], 'wants a list of at least two patterns');
  }
  return value.flatMap((alternative, index) =>
    parseObject(alternative, { path: [...path, OR, index], field }),
  );
}

/** Each of one side with each of the other. @throws LandfallError CONFIG_INVALID before there are too many */
function combine(
  one: readonly FieldPatterns[],
  other: readonly FieldPatterns[],
  path: Place['path'],
): readonly FieldPatterns[] {
  if (one.length * other.length > PATTERN_COMBINATIONS) {
    throw invalidPattern(path, `has more than ${PATTERN_COMBINATIONS} combinations of ${OR}`);
  }
  return one.flatMap((left) => other.map((right) => [...left, ...right]));
}

function parseObject(value: unknown, place: Place): readonly FieldPatterns[] {
  if (place.path.length >= PATTERN_DEPTH)
    throw invalidPattern(place.path, `nests deeper than ${PATTERN_DEPTH}`);
  if (!isObject(value)) {
    throw invalidPattern(place.path, `wants an object of fields or a list of values, got ${shown(value)}`);
  }
  const entries = Object.entries(value);
  if (entries.length === 0) throw invalidPattern(place.path, 'is empty');
  return entries.reduce<readonly FieldPatterns[]>(
    (all, [key, inner]) => {
      const more = key === OR ? parseOr(inner, place) : parseField(key, inner, place);
      return combine(all, more, place.path);
    },
    [[]],
  );
}

const byName = (a: FieldPattern, b: FieldPattern): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

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
  return pattern.map((fields) => fields.toSorted(byName));
}
