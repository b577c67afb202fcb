import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { type TargetProps, TargetRule, transformed } from './target-rule.ts';

export interface CodePipelineTargetProps extends TargetProps {
  /** Of a pipeline of type V2 in this account and region: a V1 takes no source revision. */
  readonly pipelineName: string;
  /** The source action that gets the digest: one of ECR. */
  readonly sourceAction: string;
}

/**
 * Starts a pipeline with the revision's digest as what its source action has.
 * @see https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_SourceRevisionOverride.html
 */
export class CodePipelineTarget extends TargetRule {
  constructor(scope: Construct, id: string, props: CodePipelineTargetProps) {
    const { pipelineName, sourceAction, ...target } = props;
    const revision = { actionName: sourceAction, revisionType: 'IMAGE_DIGEST', revisionValue: '<digest>' };
    super(scope, id, target, {
      arn: Stack.of(scope).formatArn({ service: 'codepipeline', resource: pipelineName }),
      action: 'codepipeline:StartPipelineExecution',
      input: transformed({ sourceRevisions: [revision] }, ['digest']),
    });
  }
}
