import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { type TargetProps, TargetRule, transformed } from './target-rule.ts';

/**
 * Starts an execution for each revision. A rule cannot name it, and an event may come twice: its first state should
 * look whether `id` was seen.
 */
export class StepFunctionsTarget extends TargetRule {
  constructor(
    scope: Construct,
    id: string,
    { stateMachine, ...props }: TargetProps & { readonly stateMachine: IStateMachine },
  ) {
    const used = ['id', 'namespace', 'name', 'revision', 'digest', 'url'] as const;
    const template = Object.fromEntries(used.map((name) => [name, `<${name}>`]));
    super(scope, id, props, {
      arn: stateMachine.stateMachineArn,
      action: 'states:StartExecution',
      input: transformed(template, used),
    });
  }
}
