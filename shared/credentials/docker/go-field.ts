export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * A field as Go's decoder finds it, which is what docker, podman and Helm read with: the name in any case, the last
 * of its kind, null as absence. Docker for Mac wrote `credSstore`.
 * @see https://pkg.go.dev/encoding/json#Unmarshal
 */
export function goField(fields: Fields, name: string): unknown {
  const lower = name.toLowerCase();
  const values = Object.entries(fields).flatMap(([key, value]) =>
    key.toLowerCase() === lower && value !== null && value !== undefined ? [value] : [],
  );
  return values.at(-1);
}
