import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { isObject } from '../../shared/kernel/json.ts';
import { fluxKustomization } from '../../shared/source/flux/deploy/kustomization-schema.ts';
import { fluxRelease } from '../../shared/source/flux/deploy/release-schema.ts';
import { fieldsOf } from './flux-tables.ts';

const namedIn = (heading: string): ReadonlySet<string> => new Set(fieldsOf(heading).keys());

/** Keys of a schema's spec, with those of what is in them. */
function* keysOf(schema: unknown, path = ''): Generator<string> {
  const properties = isObject(schema) && isObject(schema['properties']) ? schema['properties'] : {};
  for (const [key, value] of Object.entries(properties)) {
    const whole = path === '' ? key : `${path}.${key}`;
    yield whole;
    yield* keysOf(value, whole);
  }
}

const specOf = (schema: z.ZodType): unknown => {
  const whole = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return isObject(whole['properties']) ? whole['properties']['spec'] : undefined;
};

/** A field is told by itself, for all actions (`*.timeout`), or with the one that it is in. */
const isTold = (key: string, named: ReadonlySet<string>): boolean =>
  named.has(key) || [...named].some((each) => each.startsWith('*.') && key.endsWith(each.slice(1)));

const ACTIONS = ['install', 'upgrade', 'test', 'rollback', 'uninstall', 'driftDetection', 'postBuild'];

/** Those that are told one by one: the top, and what is in an action. */
const toTell = (schema: z.ZodType): readonly string[] =>
  [...keysOf(specOf(schema))].filter((key) => {
    const [first = '', second, third] = key.split('.');
    if (third !== undefined) return false;
    return ACTIONS.includes(first) ? second !== undefined : second === undefined;
  });

for (const [kind, schema] of [
  ['Kustomization', fluxKustomization],
  ['HelmRelease', fluxRelease],
] as const) {
  test(`every field of a ${kind} is in its table`, () => {
    const wanted = toTell(schema);
    assert.ok(wanted.length > 20, `${wanted.length} fields`);
    const named = namedIn(kind);
    assert.deepEqual(
      wanted.filter((key) => !isTold(key === 'chart' ? 'chart.spec' : key, named)),
      [],
    );
  });

  test(`the table of a ${kind} names no other field`, () => {
    const keys = [...keysOf(specOf(schema))];
    const other = [...namedIn(kind)].filter(
      (each) =>
        !each.includes('[]') &&
        !each.startsWith('v') === true &&
        !keys.some((key) => key === each || (each.startsWith('*.') && key.endsWith(each.slice(1)))),
    );
    assert.deepEqual(other, []);
  });
}
