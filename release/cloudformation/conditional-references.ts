import { isObject } from '../../shared/kernel/json.ts';

interface Resource {
  readonly Condition?: string;
}

/** The resource that a reference names. */
function named(value: Readonly<Record<string, unknown>>): string | undefined {
  const { Ref: reference, 'Fn::GetAtt': attribute } = value;
  if (typeof reference === 'string') return reference;
  return Array.isArray(attribute) ? String(attribute[0]) : undefined;
}

/**
 * Has a resource that is always there name one that is there under a condition under that condition alone: CloudFormation
 * refuses a reference to what is not made.
 */
export function conditionalReferences<R extends Resource>(
  resources: Readonly<Record<string, R>>,
): Readonly<Record<string, R>> {
  const conditionOf = new Map(Object.entries(resources).map(([id, { Condition }]) => [id, Condition]));
  const held = (value: unknown, under: string | undefined): unknown => {
    if (Array.isArray(value)) return value.map((each) => held(each, under));
    if (!isObject(value)) return value;
    const condition = conditionOf.get(named(value) ?? '');
    if (condition !== undefined && condition !== under)
      return { 'Fn::If': [condition, value, { Ref: 'AWS::NoValue' }] };
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, held(each, under)]));
  };
  const all = Object.entries(resources).map(([id, each]) => [id, held(each, each.Condition) as R] as const);
  return Object.fromEntries(all);
}
