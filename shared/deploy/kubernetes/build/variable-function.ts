/** What is done with the value of a variable: `${name:-default}`, `${name%%.*}`. */
export type VariableFunction = (value: string, args: readonly string[]) => string;

const bytes = (text: string): Buffer => Buffer.from(text, 'utf8');

/** As Go's Atoi. */
const whole = (text: string): number | undefined => (/^[+-]?\d{1,15}$/.test(text) ? Number(text) : undefined);

const firstChanged = (text: string, change: (first: string) => string): string => {
  const [first = '', ...rest] = text;
  return change(first) + rest.join('');
};

/** `${v:POSITION:LENGTH}`, in bytes; what is no number changes nothing, as in bash. */
function part(value: string, [from = '', length]: readonly string[]): string {
  const all = bytes(value);
  const given = whole(from);
  if (given === undefined) return value;
  const start = given < 0 ? Math.max(0, all.length + given) : given;
  if (length === undefined) return all.subarray(start).toString('utf8');
  const count = whole(length);
  if (count === undefined) return value;
  const end = count < 0 ? all.length + count : start + count;
  return end <= start ? '' : all.subarray(start, end).toString('utf8');
}

/** A shell's pattern as an expression; undefined where it is none. */
function globExpression(pattern: string): RegExp | undefined {
  const body = pattern.replace(
    /\\(.)|\*+|\?|\[(?:\^?)(?:\\.|[^\]\\])+\]|[\s\S]/gu,
    (part, escaped?: string) => {
      if (escaped !== undefined) return RegExp.escape(escaped);
      if (part.startsWith('*')) return '[^]*';
      if (part === '?') return '[^]';
      return part.length > 1 ? part : RegExp.escape(part);
    },
  );
  try {
    return new RegExp(`^(?:${body})$`, 'u');
  } catch {
    return undefined;
  }
}

/** The lengths of prefixes that match, from one character on. */
function* matchingPrefixes(text: readonly string[], pattern: string): Generator<number> {
  const expression = globExpression(pattern);
  if (expression === undefined) return;
  for (let length = 1; length <= text.length; length += 1)
    if (expression.test(text.slice(0, length).join(''))) yield length;
}

const trimmed = (value: string, pattern: string, which: 0 | -1): string => {
  const text = [...value];
  return text.slice([...matchingPrefixes(text, pattern)].at(which) ?? 0).join('');
};

const reversed = (text: string): string => [...text].reverse().join('');

const trimmedEnd = (value: string, pattern: string, which: 0 | -1): string =>
  reversed(trimmed(reversed(value), reversed(pattern), which));

const orDefault: VariableFunction = (value, args) => (value === '' ? args.join('') : value);

/** @see https://github.com/fluxcd/pkg/blob/main/envsubst/funcs.go */
const FUNCTIONS: Readonly<Record<string, VariableFunction>> = {
  ',': (value) => firstChanged(value, (first) => first.toLowerCase()),
  ',,': (value) => value.toLowerCase(),
  '^': (value) => firstChanged(value, (first) => first.toUpperCase()),
  '^^': (value) => value.toUpperCase(),
  '#': (value, args) => (args[0] === undefined ? String(bytes(value).length) : trimmed(value, args[0], 0)),
  '##': (value, [pattern = '']) => trimmed(value, pattern, -1),
  '%': (value, [pattern = '']) => trimmedEnd(value, pattern, 0),
  '%%': (value, [pattern = '']) => trimmedEnd(value, pattern, -1),
  ':': part,
  '/': (value, [pattern = '', by = '']) => value.replace(pattern, () => by),
  '//': (value, [pattern = '', by = '']) => value.replaceAll(pattern, () => by),
  '/#': (value, [pattern = '', by]) =>
    by !== undefined && value.startsWith(pattern) ? by + value.slice(pattern.length) : value,
  '/%': (value, [pattern = '', by]) =>
    by !== undefined && value.endsWith(pattern) ? value.slice(0, value.length - pattern.length) + by : value,
};

/** Where no other is known by that name, a value that is empty is the argument. */
export const variableFunction = (name: string): VariableFunction => FUNCTIONS[name] ?? orDefault;

/** Those that say what a variable is where nobody has said it. */
export const hasDefault = (name: string): boolean => /^:?[-+=?]$/.test(name);
