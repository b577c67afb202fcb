import assert from 'node:assert/strict';
import { readable, type SynthesizedTemplate } from '../stack/template.ts';

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: unknown;
}

const list = (value: string | readonly string[]): readonly string[] =>
  Array.isArray(value) ? value : [value as string];

/** Every pair of an action and a resource that a function's role allows: `s3:GetObject <Store.Arn>/artifacts/*`. */
export function allowed(template: SynthesizedTemplate, name: string): readonly string[] {
  const policies = [...template.ofType('AWS::IAM::Policy')].filter(([id]) =>
    id.startsWith(`${name}RoleDefaultPolicy`),
  );
  assert.equal(policies.length, 1, `policies of ${name}`);
  const pairs = policies.flatMap(([, { Properties }]) => {
    const { Statement } = readable(Properties['PolicyDocument']) as {
      readonly Statement: readonly Statement[];
    };
    return Statement.flatMap(({ Effect, Action, Resource, Condition }) => {
      assert.equal(Effect, 'Allow');
      const condition = Condition === undefined ? '' : ` if ${JSON.stringify(Condition)}`;
      return list(Action).flatMap((action) =>
        list(Resource).map((resource) => `${action} ${resource}${condition}`),
      );
    });
  });
  return [...new Set(pairs)].toSorted();
}
