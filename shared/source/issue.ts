import type { z } from 'zod';
import { ERROR_CODES, type ErrorCode } from '../errors.ts';
import type { YamlDocument } from './file/yaml-document.ts';
import { nearest } from './nearest.ts';
import { formatPath, type Problem } from './problem.ts';
import type { SchemaKeys } from './schema/json-schema.ts';

/** Keys whose values are safe to repeat. A secret may stand wherever a user put it, so all others are named by type. */
const SHOWABLE: ReadonlySet<PropertyKey> = new Set([
  ...[
    'name',
    'namespace',
    'interval',
    'maxInterval',
    'timeout',
    'suspend',
    'mode',
    'layers',
    'links',
    'platform',
    'kind',
  ],
  ...[
    'type',
    'semver',
    'tag',
    'digest',
    'order',
    'registry',
    'repository',
    'revisions',
    'plainHttp',
    'local',
  ],
  ...['apiVersion', 'provider', 'operation', 'insecure', 'insecureSkipTlsVerify', 'mediaType'],
]);

function typeOf(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a map' : `a ${typeof value}`;
}

/** A value that is wrong, and where: the path ends at it. */
interface Wrong {
  readonly value: unknown;
  readonly path: readonly PropertyKey[];
  /** As the document writes it: `1.0` is the number 1. */
  readonly written: string | undefined;
}

/** What stood there, in few words and without secrets. */
function got({ value, path, written }: Wrong): string {
  const key = path.findLast((step) => typeof step === 'string');
  const scalar = ['string', 'number', 'boolean'].includes(typeof value);
  if (!scalar || key === undefined || !SHOWABLE.has(key)) return typeOf(value);
  return (typeof value === 'number' && written ? written : JSON.stringify(value)).slice(0, 80);
}

const valueAt = (root: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, step)
        ? (value as Readonly<Record<PropertyKey, unknown>>)[step]
        : undefined,
    root,
  );

const DURATIONS: ReadonlySet<PropertyKey> = new Set(['interval', 'maxInterval', 'timeout']);

const EXPECTED: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'a map',
  record: 'a map',
  string: 'a string',
};

function wrongType(expected: string, wrong: Wrong): string {
  const { value, path } = wrong;
  const wanted = EXPECTED[expected] ?? expected;
  if (value === undefined) return `is required: wanted ${wanted}`;
  // Quotes alone would not make one of it.
  if (typeof value === 'number' && DURATIONS.has(path.at(-1) ?? ''))
    return `wanted a duration such as 5m or 30s, got ${got(wrong)}, which has no unit`;
  const quote = expected === 'string' && ['number', 'boolean'].includes(typeof value);
  return `wanted ${wanted}, got ${got(wrong)}${quote ? '; put it in quotes' : ''}`;
}

function wrongChoice(options: readonly string[], wrong: Wrong): string {
  const { value } = wrong;
  const near = typeof value === 'string' ? nearest(value, options) : undefined;
  const meant = near === undefined ? '' : `; did you mean "${near}"?`;
  return `wanted ${options.join(' or ')}, got ${got(wrong)}${meant}`;
}

const units = (origin: string, count: number | bigint): string => {
  if (origin === 'string') return `${count} characters`;
  return origin === 'array' ? `${count} entries` : String(count);
};

function messageOf(issue: z.core.$ZodIssue, wrong: Wrong): string {
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue.expected, wrong);
    case 'invalid_value':
      return wrongChoice(issue.values.map(String), wrong);
    case 'too_small':
      return `wanted at least ${units(issue.origin, issue.minimum)}`;
    case 'too_big':
      return `wanted at most ${units(issue.origin, issue.maximum)}`;
    case 'invalid_key':
      return issue.issues[0]?.message ?? issue.message;
    case 'invalid_union':
      if ('options' in issue) return wrongChoice((issue.options ?? []).map(String), wrong);
      return `${issue.message}, got ${got(wrong)}`;
    case 'invalid_format':
      return `${issue.message}, got ${got(wrong)}`;
    default:
      return issue.message;
  }
}

/** `kind http`, as the entry says it of itself; a value that stands there in its place is told of elsewhere. */
const memberOf = (root: unknown, path: readonly PropertyKey[], by: string): string => {
  const value = valueAt(root, [...path, by]);
  return typeof value === 'string' ? `${by} ${value.slice(0, 64)}` : `another ${by}`;
};

function foreignKey(key: string, path: readonly PropertyKey[], root: unknown, keys: SchemaKeys) {
  const owners = keys.owners(path, key);
  if (owners === undefined) return undefined;
  const { by, values } = owners;
  return `${key} belongs to ${by} ${values.join(' or ')}, and this is ${memberOf(root, path, by)}`;
}

/** A key that only some members of a union have, and that this one has to have. */
function missingKey(path: readonly PropertyKey[], root: unknown, keys: SchemaKeys): string | undefined {
  const parent = path.slice(0, -1);
  const key = String(path.at(-1));
  const owners = keys.owners(parent, key);
  return owners && `${memberOf(root, parent, owners.by)} requires ${key}`;
}

/** Another list of the document, whose entries have a key that an entry of this one has not: `plainHttp` is of credentials. */
function listOf(key: string, path: readonly PropertyKey[], keys: SchemaKeys): string | undefined {
  const [own, at] = path;
  if (path.length !== 2 || typeof at !== 'number') return undefined;
  return keys.known([]).find((list) => list !== own && keys.known([list, 0]).includes(key));
}

function unknownKey(key: string, path: readonly PropertyKey[], keys: SchemaKeys): string {
  const shown = JSON.stringify(key.slice(0, 64));
  const known = keys.known(path);
  const near = nearest(key, known);
  if (near !== undefined) return `unknown key ${shown}; did you mean "${near}"?`;
  const list = listOf(key, path, keys);
  if (list !== undefined)
    return `unknown key ${shown}; entries of ${list} have it; known here: ${known.join(', ')}`;
  return `unknown key ${shown}; known here: ${known.join(', ')}`;
}

/** Keys by which a document asks for more safety than it had. */
const SAFETY = ['verify', 'limits'] as const;

const isOfSafety = (path: readonly PropertyKey[], key: string): boolean =>
  SAFETY.some((each) => path.includes(each)) || nearest(key, SAFETY) !== undefined;

const isCode = (code: unknown): code is ErrorCode => ERROR_CODES.some((known) => known === code);

const IS_ANOTHER = ['invalid_type', 'invalid_value'];

/** Of a value that may be one of several things, the issues with the one that it is meant to be: the others are another type. */
function meantIssues(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] | undefined {
  if (issue.code !== 'invalid_union') return undefined;
  const meant = issue.errors.filter(
    (each) => !each.some(({ code, path }) => path.length === 0 && IS_ANOTHER.includes(code)),
  );
  const [only] = meant;
  if (only === undefined || meant.length > 1) return undefined;
  return only.map((each) => ({ ...each, path: [...issue.path, ...each.path] }) as z.core.$ZodIssue);
}

/** Turns one of zod's issues into problems that stand where the user wrote the cause. */
export function problemsOf(
  issue: z.core.$ZodIssue,
  document: YamlDocument,
  keys: SchemaKeys,
): readonly Problem[] {
  const meant = meantIssues(issue);
  if (meant !== undefined) return meant.flatMap((each) => problemsOf(each, document, keys));
  const path = formatPath(issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      ...document.placeOfKey(issue.path, key),
      path,
      message: foreignKey(key, issue.path, document.value, keys) ?? unknownKey(key, issue.path, keys),
      code: 'CONFIG_INVALID',
      ...(isOfSafety(issue.path, key) && { isOfSafety: true as const }),
    }));
  }
  const value = valueAt(document.value, issue.path);
  const missing = value === undefined ? missingKey(issue.path, document.value, keys) : undefined;
  const code: unknown = issue.code === 'custom' ? issue.params?.['code'] : undefined;
  return [
    {
      ...document.placeOf(issue.path),
      path,
      message:
        missing ?? messageOf(issue, { value, path: issue.path, written: document.writtenAt(issue.path) }),
      code: isCode(code) ? code : 'CONFIG_INVALID',
      ...(isOfSafety(issue.path, '') && { isOfSafety: true as const }),
    },
  ];
}
