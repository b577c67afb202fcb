import { isObject } from '../../kernel/json.ts';
import { parseCidr } from './cidr.ts';
import { parseNumeric } from './numeric.ts';
import type { Scalar, Test } from './pattern.ts';
import { invalidPattern, shown } from './pattern-error.ts';
import { matchesWildcard, parseWildcard } from './wildcard.ts';

type Path = readonly (string | number)[];
type TextTest = (text: string) => boolean;

const valueTest = (accepts: (value: Scalar) => boolean): Test => ({ kind: 'value', accepts });
const textTest = (accepts: TextTest): Test =>
  valueTest((value) => typeof value === 'string' && accepts(value));

const fold = (text: string): string => text.toLowerCase();

function textOf(value: unknown, path: Path): string {
  if (typeof value !== 'string') throw invalidPattern(path, `wants a text, got ${shown(value)}`);
  return value;
}

/** The one key of an operator object, and its value. */
function onlyEntry(value: object, path: Path): readonly [string, unknown] {
  const [entry, ...more] = Object.entries(value);
  if (entry === undefined || more.length > 0) {
    throw invalidPattern(path, `wants an object of one operator, got ${shown(value)}`);
  }
  return entry;
}

/** `prefix` and `suffix` take a text, or `{"equals-ignore-case": text}`. */
function affix(value: unknown, path: Path, compare: (text: string, affix: string) => boolean): TextTest {
  if (!isObject(value)) {
    const wanted = textOf(value, path);
    return (text) => compare(text, wanted);
  }
  const [operator, inner] = onlyEntry(value, path);
  if (operator !== 'equals-ignore-case') throw invalidPattern(path, `${shown(operator)} cannot stand here`);
  const wanted = fold(textOf(inner, [...path, operator]));
  return (text) => compare(fold(text), wanted);
}

const TEXT_OPERATORS: Readonly<Record<string, (value: unknown, path: Path) => TextTest>> = {
  exactly: (value, path) => {
    const wanted = textOf(value, path);
    return (text) => text === wanted;
  },
  prefix: (value, path) => affix(value, path, (text, start) => text.startsWith(start)),
  suffix: (value, path) => affix(value, path, (text, end) => text.endsWith(end)),
  'equals-ignore-case': (value, path) => {
    const wanted = fold(textOf(value, path));
    return (text) => fold(text) === wanted;
  },
  wildcard: (value, path) => {
    const wildcard = parseWildcard(textOf(value, path));
    if (typeof wildcard === 'string') throw invalidPattern(path, wildcard);
    return (text) => matchesWildcard(wildcard, text);
  },
  cidr: (value, path) => {
    const contains = parseCidr(textOf(value, path));
    if (contains === undefined)
      throw invalidPattern(
        path,
        `${shown(value)} is not an address block, e.g. 10.0.0.0/8; one address is a value of its own`,
      );
    return contains;
  },
};

const INSIDE_ANYTHING_BUT: ReadonlySet<string> = new Set([
  'prefix',
  'suffix',
  'equals-ignore-case',
  'wildcard',
]);

function anythingButOperator(value: object, path: Path): Test {
  const [operator, inner] = onlyEntry(value, path);
  const parse = INSIDE_ANYTHING_BUT.has(operator) ? TEXT_OPERATORS[operator] : undefined;
  if (parse === undefined) throw invalidPattern(path, `anything-but does not take ${shown(operator)}`);
  const at = [...path, operator];
  const wanted = Array.isArray(inner) ? inner : [inner];
  if (wanted.length === 0) throw invalidPattern(at, 'is an empty list');
  const tests = wanted.map((one) => {
    const text = textOf(one, at);
    if (text === '' && (operator === 'prefix' || operator === 'suffix')) throw invalidPattern(at, 'is empty');
    return parse(text, at);
  });
  return valueTest((value) => typeof value !== 'string' || tests.every((accepts) => !accepts(value)));
}

/** Matches any value that is there and is none of these, null, true and false included. */
function anythingBut(value: unknown, path: Path): Test {
  if (isObject(value)) return anythingButOperator(value, path);
  const excluded: readonly unknown[] = Array.isArray(value) ? value : [value];
  const [first] = excluded;
  const isUniform = excluded.every((one) => typeof one === typeof first);
  if (!isUniform || (typeof first !== 'string' && typeof first !== 'number')) {
    throw invalidPattern(path, `anything-but wants texts or numbers, got ${shown(value)}`);
  }
  return valueTest((candidate) => !excluded.includes(candidate));
}

function numeric(value: unknown, path: Path): Test {
  const accepts = Array.isArray(value) ? parseNumeric(value) : undefined;
  if (accepts === undefined) {
    throw invalidPattern(
      path,
      `wants comparisons such as [">", 0, "<=", 5], within 5e9 of 0, got ${shown(value)}`,
    );
  }
  return valueTest((candidate) => typeof candidate === 'number' && accepts(candidate));
}

function exists(value: unknown, path: Path): Test {
  if (typeof value !== 'boolean') throw invalidPattern(path, `wants true or false, got ${shown(value)}`);
  return value ? valueTest(() => true) : { kind: 'absent' };
}

/**
 * Parses one member of a leaf's list: a value to equal, or an object of one operator.
 * @throws LandfallError CONFIG_INVALID
 */
export function parseTest(value: unknown, path: Path): Test {
  if (Array.isArray(value)) throw invalidPattern(path, 'a list cannot stand in a list');
  if (!isObject(value)) return valueTest((candidate) => candidate === value);
  const [operator, argument] = onlyEntry(value, path);
  const at = [...path, operator];
  if (operator === 'anything-but') return anythingBut(argument, at);
  if (operator === 'numeric') return numeric(argument, at);
  if (operator === 'exists') return exists(argument, at);
  const parse = Object.hasOwn(TEXT_OPERATORS, operator) ? TEXT_OPERATORS[operator] : undefined;
  if (parse === undefined) throw invalidPattern(path, `${shown(operator)} is no operator`);
  return textTest(parse(argument, at));
}
