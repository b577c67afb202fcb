/** A map of a template or of an event. */
export type Json = Readonly<Record<string, unknown>>;

export const isMap = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const at = (map: Json, key: string): unknown => (Object.hasOwn(map, key) ? map[key] : undefined);

export function textAt(map: Json, key: string): string | undefined {
  const value = at(map, key);
  return typeof value === 'string' ? value : undefined;
}

/** @throws Error where the text is missing: the template is not one that CloudFormation would take */
export function textIn(map: Json, key: string): string {
  const value = textAt(map, key);
  if (value !== undefined) return value;
  throw new Error(`${key} is no text in ${JSON.stringify(map).slice(0, 200)}`);
}

/** Templates write numbers as texts too. */
export function numberAt(map: Json, key: string): number | undefined {
  const value = at(map, key);
  return value === undefined ? undefined : Number(value);
}

export function mapAt(map: Json, key: string): Json | undefined {
  const value = at(map, key);
  return isMap(value) ? value : undefined;
}

export function listAt(map: Json, key: string): readonly unknown[] {
  const value = at(map, key);
  return Array.isArray(value) ? value : [];
}

export const mapsAt = (map: Json, key: string): readonly Json[] => listAt(map, key).filter(isMap);
