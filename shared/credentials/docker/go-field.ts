import type { JsonObject } from '../../kernel/json.ts';
/**
 * A field as Go's decoder finds it, which is what docker, podman and Helm read with: the name in any case, the last
 * of its kind, null as absence. Docker for Mac wrote `credSstore`.
 * @see https://pkg.go.dev/encoding/json#Unmarshal
 */
export function goField(fields: JsonObject, name: string): unknown {
  const lower = name.toLowerCase();
  const values = Object.entries(fields).flatMap(([key, value]) =>
    key.toLowerCase() === lower && value !== null && value !== undefined ? [value] : [],
  );
  return values.at(-1);
}
