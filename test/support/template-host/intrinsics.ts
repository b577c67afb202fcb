import { isMap, type Json } from './json.ts';

/** What intrinsic functions are answered from. */
export interface Scope {
  /** Of a resource, a parameter or a pseudo parameter; undefined where there is none. */
  ref(name: string): string | undefined;
  /** An attribute of a resource; undefined where it has none of that name. */
  attribute(id: string, name: string): string | undefined;
}

const PLACEHOLDER = /\$\{([^}]+)\}/g;
/** A property with it is left out. */
const NO_VALUE = 'AWS::NoValue';

const textsOf = (value: unknown): readonly string[] => {
  if (Array.isArray(value) && value.every((part) => typeof part === 'string')) return value;
  throw new Error(`a list of texts is wanted, got ${JSON.stringify(value)}`);
};

function refTo(name: string, scope: Scope): string {
  const value = scope.ref(name);
  if (value === undefined) throw new Error(`Ref to ${name}, which is not in the template`);
  return value;
}

function attributeOf(value: unknown, scope: Scope): string {
  const [id = '', ...name] = typeof value === 'string' ? value.split('.') : textsOf(value);
  const found = scope.attribute(id, name.join('.'));
  if (found === undefined) throw new Error(`Fn::GetAtt of ${id}.${name.join('.')}, which is not there`);
  return found;
}

function sub(value: unknown, scope: Scope): string {
  const [template, own] = Array.isArray(value) ? (value as [unknown, unknown]) : [value, {}];
  const variables = isMap(own) ? own : {};
  return String(template).replace(PLACEHOLDER, (_, name: string) => {
    // `${!Literal}` stands for `${Literal}`.
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    if (Object.hasOwn(variables, name)) return String(resolve(variables[name], scope));
    return name.includes('.') ? attributeOf(name, scope) : refTo(name, scope);
  });
}

function join(value: unknown, scope: Scope): string {
  const [separator, parts] = value as readonly [string, unknown];
  return textsOf(resolve(parts, scope)).join(separator);
}

const FUNCTIONS: Readonly<Record<string, (value: unknown, scope: Scope) => unknown>> = {
  Ref: (value, scope) => refTo(String(value), scope),
  'Fn::GetAtt': attributeOf,
  'Fn::Sub': sub,
  'Fn::Join': join,
  'Fn::Select': (value, scope) => {
    const [index, list] = value as readonly [unknown, unknown];
    return textsOf(resolve(list, scope))[Number(index)];
  },
  'Fn::Split': (value, scope) => {
    const [separator, text] = value as readonly [string, unknown];
    return String(resolve(text, scope)).split(separator);
  },
};

const isNoValue = (value: unknown): boolean => isMap(value) && value['Ref'] === NO_VALUE;

/**
 * A value with every intrinsic function in it replaced by what it stands for.
 * @throws Error for a function that is not known here, and for a reference to what is not in the template
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
export function resolve(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value))
    return value.filter((part) => !isNoValue(part)).map((part) => resolve(part, scope));
  if (!isMap(value)) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only !== undefined) {
    const [name, argument] = only;
    const run = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (run !== undefined) return run(argument, scope);
    if (name.startsWith('Fn::')) throw new Error(`${name} is not known to this host`);
  }
  return Object.fromEntries(
    entries.filter(([, part]) => !isNoValue(part)).map(([name, part]) => [name, resolve(part, scope)]),
  );
}

/** The properties of a resource, resolved. */
export const resolveMap = (value: Json, scope: Scope): Json => resolve(value, scope) as Json;
