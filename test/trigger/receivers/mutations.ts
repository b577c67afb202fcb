const OTHERS: readonly unknown[] = [
  null,
  true,
  -1,
  1e308,
  '',
  'x'.repeat(10_000),
  [],
  {},
  [[[]]],
  { toString: 1 },
];

/** Every place in a document, with what stands there replaced: gone, null, of another type, huge. */
export function* mutations(
  value: unknown,
  replace: (mutated: unknown) => unknown = (mutated) => mutated,
): Generator<unknown> {
  for (const other of OTHERS) yield replace(other);
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) {
    const { [key]: inner, ...rest } = value as Record<string, unknown>;
    if (!Array.isArray(value)) yield replace(rest);
    yield* mutations(inner, (mutated) =>
      replace(Array.isArray(value) ? value.with(Number(key), mutated) : { ...value, [key]: mutated }),
    );
  }
}
