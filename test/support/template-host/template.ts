import { type Json, mapAt, textAt } from './json.ts';

/** One entry under `Resources`, as CloudFormation reads it. */
export interface Resource {
  readonly id: string;
  readonly type: string;
  /** Intrinsic functions not resolved yet. */
  readonly properties: Json;
}

/** A synthesized template, before anything in it is resolved. */
export interface Template {
  readonly resources: ReadonlyMap<string, Resource>;
  /** Parameters by name with their defaults. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly outputs: Json;
}

export function parseTemplate(text: string): Template {
  const json = JSON.parse(text) as Json;
  const resources = Object.keys(mapAt(json, 'Resources') ?? {}).map((id) => {
    const entry = mapAt(mapAt(json, 'Resources') ?? {}, id) ?? {};
    const resource = { id, type: textAt(entry, 'Type') ?? '', properties: mapAt(entry, 'Properties') ?? {} };
    return [id, resource] as const;
  });
  const parameters = Object.entries(mapAt(json, 'Parameters') ?? {}).flatMap(([name, parameter]) => {
    const value = (parameter as Json)['Default'];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  return {
    resources: new Map(resources),
    parameters: new Map(parameters),
    outputs: mapAt(json, 'Outputs') ?? {},
  };
}

export const resourcesOf = ({ resources }: Template, type: string): readonly Resource[] =>
  [...resources.values()].filter((resource) => resource.type === type);
