import { isObject, type JsonObject } from '../../../kernel/json.ts';

/** `ingress.hosts[0].host`, where a dot, a bracket or a comma of a name has a backslash before it; undefined: it is none. */
export function parseValuePath(text: string): readonly (string | number)[] | undefined {
  const parts: (string | number)[] = [];
  const token = /((?:\\.|[^\\.[\],=])+)|\[(\d{1,4})\]|(\.)/y;
  let isNameNext = true;
  while (token.lastIndex < text.length) {
    const found = token.exec(text);
    if (found === null) return undefined;
    const [, name, index, dot] = found;
    if (dot !== undefined) {
      if (isNameNext) return undefined;
      isNameNext = true;
      continue;
    }
    if ((name !== undefined) !== isNameNext) return undefined;
    parts.push(name === undefined ? Number(index) : name.replace(/\\(.)/g, '$1'));
    isNameNext = false;
  }
  return isNameNext ? undefined : parts;
}

/** As behind `--set`: numbers, `true`, `false` and `null` are what they look like. Undefined: a list, or several values. */
export function typedValue(text: string): { readonly value: unknown } | undefined {
  const [, single, double] = /^'(.*)'$|^"(.*)"$/s.exec(text) ?? [];
  const quoted = single ?? double;
  if (quoted !== undefined) return { value: quoted };
  if (/(^|[^\\]),|^\{/.test(text)) return undefined;
  const plain = text.replace(/\\(.)/gs, '$1');
  const word = plain.toLowerCase();
  if (word === 'true' || word === 'false') return { value: word === 'true' };
  if (word === 'null') return { value: null };
  const isNumber = /^(0|-?[1-9]\d*)$/.test(plain) && Number.isSafeInteger(Number(plain));
  return { value: isNumber ? Number(plain) : plain };
}

function putAt(holder: unknown, [key, ...rest]: readonly (string | number)[], value: unknown): unknown {
  if (key === undefined) return value;
  if (typeof key === 'number') {
    const list: unknown[] = Array.isArray(holder) ? [...holder] : [];
    while (list.length < key) list.push(null);
    list[key] = putAt(list[key], rest, value);
    return list;
  }
  const object = isObject(holder) ? holder : {};
  const before = Object.hasOwn(object, key) ? object[key] : undefined;
  return Object.fromEntries([...Object.entries(object), [key, putAt(before, rest, value)]]);
}

/** Values with one of them at a path, whatever was there. */
export const withValue = (
  values: JsonObject,
  path: readonly (string | number)[],
  value: unknown,
): JsonObject => putAt(values, path, value) as JsonObject;
