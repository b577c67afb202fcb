import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Stack } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { CodePipelineTarget } from '../../../infra/target/code-pipeline-target.ts';
import { EventBusTarget } from '../../../infra/target/event-bus-target.ts';
import { SnsTarget } from '../../../infra/target/sns-target.ts';
import { SqsTarget } from '../../../infra/target/sqs-target.ts';
import { StepFunctionsTarget } from '../../../infra/target/step-functions-target.ts';
import { readable, type SynthesizedTemplate, templateOf, testApp } from './template.ts';

type Json = Readonly<Record<string, unknown>>;

const MACHINE = 'arn:aws:states:eu-central-1:123456789012:stateMachine:Release';
const OTHER_BUS = 'arn:aws:events:eu-central-1:210987654321:event-bus/team';

function synth(
  make: (stack: Stack, of: { readonly bus: EventBus; readonly source: string }) => void,
): SynthesizedTemplate {
  const stack = new Stack(testApp(), 'Team');
  make(stack, { bus: new EventBus(stack, 'Bus'), source: 'web/site' });
  return templateOf(stack);
}

const targetOf = (template: SynthesizedTemplate): Json => {
  const [rule] = [...template.ofType('AWS::Events::Rule').values()];
  assert.ok(rule);
  const [target] = rule.Properties['Targets'] as readonly Json[];
  return readable(target) as Json;
};

/** As EventBridge fills a template: text in place of each placeholder, escaped inside quotes. */
const filled = (target: Json, detail: Json): unknown => {
  const { InputTemplate } = target['InputTransformer'] as { readonly InputTemplate: string };
  const text = InputTemplate.replace(/<(\w+)>/g, (_, name: string) =>
    JSON.stringify(detail[name]).slice(1, -1),
  );
  return JSON.parse(text);
};

const statements = (template: SynthesizedTemplate, type: string): readonly Json[] =>
  [...template.ofType(type).values()].flatMap(
    ({ Properties }) => readable((Properties['PolicyDocument'] as Json)['Statement']) as readonly Json[],
  );

const DIGEST = `sha256:${'a'.repeat(64)}`;
const DETAIL = {
  ...{
    id: 'web/site@7',
    namespace: 'web',
    name: 'site',
    url: 'oci://registry.example/web/site',
    digest: DIGEST,
  },
  revision: `1.0.0@${DIGEST}`,
};

describe('a target without code', () => {
  test('starts an execution with what the event says, in quotes', () => {
    const template = synth((stack, of) => {
      const stateMachine = StateMachine.fromStateMachineArn(stack, 'Machine', MACHINE);
      new StepFunctionsTarget(stack, 'Release', { ...of, stateMachine });
    });
    const target = targetOf(template);
    assert.deepEqual(filled(target, DETAIL), DETAIL);
    const [own] = statements(template, 'AWS::IAM::Policy');
    assert.deepEqual(own, { Action: 'states:StartExecution', Effect: 'Allow', Resource: MACHINE });
  });

  test('starts a pipeline with the digest as what its source action has', () => {
    const template = synth((stack, of) => {
      new CodePipelineTarget(stack, 'Release', { ...of, pipelineName: 'release', sourceAction: 'Image' });
    });
    const sourceRevisions = [{ actionName: 'Image', revisionType: 'IMAGE_DIGEST', revisionValue: DIGEST }];
    assert.deepEqual(filled(targetOf(template), DETAIL), { sourceRevisions });
    const [own] = statements(template, 'AWS::IAM::Policy');
    assert.equal(own?.['Action'], 'codepipeline:StartPipelineExecution');
    assert.match(String(own?.['Resource']), /:release$/);
  });

  test('hands an event to another bus as it is, since a rule transforms nothing for one', () => {
    const template = synth((stack, of) => {
      new EventBusTarget(stack, 'Team', {
        ...of,
        eventBus: EventBus.fromEventBusArn(stack, 'To', OTHER_BUS),
      });
    });
    assert.ok(!Object.hasOwn(targetOf(template), 'InputTransformer'));
    const [own] = statements(template, 'AWS::IAM::Policy');
    assert.deepEqual(own, { Action: 'events:PutEvents', Effect: 'Allow', Resource: OTHER_BUS });
  });

  test('is let in by a topic and by a queue for its one rule, and has no role there', () => {
    const template = synth((stack, of) => {
      new SnsTarget(stack, 'Tell', { ...of, topic: new Topic(stack, 'Topic') });
      new SqsTarget(stack, 'Queue', { ...of, queue: new Queue(stack, 'Work') });
    });
    assert.equal(template.ofType('AWS::IAM::Role').size, 0);
    const lets = [
      ...statements(template, 'AWS::SNS::TopicPolicy'),
      ...statements(template, 'AWS::SQS::QueuePolicy'),
    ];
    const ofEvents = lets.filter(({ Effect }) => Effect === 'Allow');
    assert.equal(ofEvents.length, 4);
    for (const { Condition } of ofEvents) assert.match(JSON.stringify(Condition), /aws:SourceArn.*Rule\.Arn/);
  });

  test('has a role that EventBridge alone may take, for rules of its own account', () => {
    const template = synth((stack, of) => {
      new EventBusTarget(stack, 'Team', {
        ...of,
        eventBus: EventBus.fromEventBusArn(stack, 'To', OTHER_BUS),
      });
    });
    const [role] = [...template.ofType('AWS::IAM::Role').values()];
    const trust = readable(role?.Properties['AssumeRolePolicyDocument']) as {
      readonly Statement: readonly Json[];
    };
    assert.deepEqual(trust.Statement[0]?.['Principal'], { Service: 'events.amazonaws.com' });
    assert.match(JSON.stringify(trust.Statement[0]?.['Condition']), /aws:SourceAccount.*aws:SourceArn/);
  });

  test('gets revisions whose content changed, of its source alone', () => {
    const template = synth((stack, of) => {
      new SnsTarget(stack, 'Tell', { ...of, path: 'apps/web', topic: new Topic(stack, 'Topic') });
    });
    const [rule] = [...template.ofType('AWS::Events::Rule').values()];
    const pattern = rule?.Properties['EventPattern'] as Json;
    assert.deepEqual(pattern['source'], ['landfall']);
    assert.deepEqual(pattern['detail-type'], ['Artifact Revision Changed']);
    assert.match(JSON.stringify(pattern['detail']), /"name":\["site"\].*"content":\["changed"\].*apps\/web/);
  });
});
