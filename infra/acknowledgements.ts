import { Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Says why a finding of AwsSolutions (e.g. `S1`, `IAM5[Resource::*]`) is meant, on the construct it is about. */
export const acknowledge = (scope: IConstruct, rule: string, reason: string): void =>
  Validations.of(scope).acknowledge({ id: `AwsSolutions::AwsSolutions-${rule}`, reason });

interface Joined {
  readonly 'Fn::Join'?: readonly [separator: string, parts: readonly unknown[]];
  readonly 'Fn::GetAtt'?: readonly string[];
  readonly Ref?: string;
}

/** A resolved value as cdk-nag names it in a finding: `<Bucket.Arn>/artifacts/*`. */
function flatten(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const { 'Fn::Join': join, 'Fn::GetAtt': attribute, Ref: ref } = value as Joined;
  if (join !== undefined) return join[1].map(flatten).join(join[0]);
  if (attribute !== undefined) return `<${attribute.join('.')}>`;
  return ref === undefined ? JSON.stringify(value) : `<${ref}>`;
}

/** Acknowledges each resource with a wildcard, and refuses one that nobody gave a reason for. */
export function acknowledgeWildcards(
  scope: IConstruct,
  resources: readonly string[],
  why: string | undefined,
): void {
  for (const resource of resources.map((given) => flatten(Stack.of(scope).resolve(given)))) {
    if (!resource.includes('*')) continue;
    if (why === undefined) throw new Error(`${scope.node.path}: no reason why ${resource} has a wildcard`);
    acknowledge(scope, `IAM5[Resource::${resource}]`, why);
  }
}
