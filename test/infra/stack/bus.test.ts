import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { openApiOf } from '../../../infra/event-schemas.ts';
import { ReceivingBus } from '../../../infra/receiving-bus.ts';
import type { DetailType } from '../../../shared/model/detail-type.ts';
import { DETAIL_SCHEMAS } from '../../../shared/model/event-schema.ts';
import { landfallIn, readable, synthesize, templateOf, testApp } from './template.ts';

type Json = Readonly<Record<string, unknown>>;

const deniedBut = (emitters: readonly string[]): Json => ({
  Sid: 'OnlyEmitters',
  Effect: 'Deny',
  Principal: '*',
  Action: 'events:PutEvents',
  Resource: '<Bus.Arn>',
  Condition: { ArnNotLike: { 'aws:PrincipalArn': emitters } },
});

test('only reconcile puts events on the bus, whatever policies others have', () => {
  const { Statement, EventBusName } = synthesize().properties('OnlyEmitters');
  assert.equal(EventBusName, '<Bus>');
  assert.deepEqual(Statement, deniedBut(['<FunctionsReconcileRole.Arn>']));
});

test('and deploys that were named, here or in another stack, which may only read the store but for their ledger', () => {
  const { stack, landfall } = landfallIn({ emitters: ['arn:aws:iam::123456789012:role/deploy-*'] });
  const role = new Role(stack, 'Deploy', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  landfall.grantDeploy(role, 'site');
  const template = templateOf(stack);
  assert.deepEqual(
    template.properties('OnlyEmitters')['Statement'],
    deniedBut(['<FunctionsReconcileRole.Arn>', 'arn:aws:iam::123456789012:role/deploy-*', '<Deploy.Arn>']),
  );
  const { PolicyDocument } = template.properties('DeployDefaultPolicy');
  const { Statement } = PolicyDocument as { readonly Statement: readonly Json[] };
  assert.deepEqual(
    Statement.map(({ Action, Resource }) => [Action, Resource]),
    [
      ['s3:GetObject', ['<Store.Arn>/artifacts/*', '<Store.Arn>/sources/*']],
      [['s3:GetObject', 's3:PutObject'], '<Store.Arn>/deploys/site/*'],
      ['s3:ListBucket', '<Store.Arn>'],
      ['events:PutEvents', '<Bus.Arn>'],
    ],
  );
});

test('events go on to another account by a role that may do nothing else', () => {
  const { stack, landfall } = landfallIn();
  const busArn = 'arn:aws:events:eu-west-1:210987654321:event-bus/landfall';
  landfall.forwardTo('Team', busArn);
  const template = templateOf(stack);
  const rule = template.properties('Team');
  assert.deepEqual(rule['EventPattern'], { source: ['landfall'] });
  const [target] = rule['Targets'] as readonly Json[];
  assert.equal(target?.['Arn'], busArn);
  assert.deepEqual(target?.['DeadLetterConfig'], { Arn: '<UndeliveredEvents.Arn>' });
  const name = String(target?.['RoleArn']).replace(/^<|\.Arn>$/g, '');
  const [policy] = [...template.ofType('AWS::IAM::Policy')].filter(([id]) => id.startsWith(name));
  const { Statement } = readable(policy?.[1].Properties['PolicyDocument']) as {
    readonly Statement: readonly Json[];
  };
  assert.deepEqual(
    Statement.map(({ Action, Resource }) => [Action, Resource]),
    [['events:PutEvents', busArn]],
  );
});

test('the bus over there takes events from the account of Landfall only', () => {
  const app = testApp();
  const stack = new Stack(app, 'Team');
  new ReceivingBus(stack, 'Events', { landfallAccount: '123456789012' });
  const template = templateOf(stack);
  assert.equal(template.properties('EventsBus')['Name'], 'landfall');
  const common = { Action: 'events:PutEvents', Resource: '<EventsBus.Arn>' };
  assert.deepEqual(template.properties('EventsFromLandfall')['Statement'], {
    Sid: 'FromLandfall',
    ...common,
    Effect: 'Allow',
    Principal: { AWS: 'arn:<AWS::Partition>:iam::123456789012:root' },
    Condition: { StringEquals: { 'events:source': 'landfall' } },
  });
  assert.deepEqual(template.properties('EventsOnlyFromLandfall')['Statement'], {
    Sid: 'OnlyFromLandfall',
    ...common,
    Effect: 'Deny',
    Principal: '*',
    Condition: { StringNotEquals: { 'aws:PrincipalAccount': '123456789012' } },
  });
});

const TYPES = Object.keys(DETAIL_SCHEMAS) as readonly DetailType[];

test('the registry has a schema of every event, named as EventBridge names those it finds', () => {
  const schemas = [...synthesize().ofType('AWS::EventSchemas::Schema').values()].map(
    ({ Properties }) => readable(Properties) as Json,
  );
  assert.deepEqual(
    schemas.map(({ SchemaName }) => SchemaName).toSorted(),
    TYPES.map((type) => `landfall@${type.replaceAll(' ', '')}`).toSorted(),
  );
  for (const { Content, Type } of schemas) {
    assert.equal(Type, 'OpenApi3');
    assert.ok(String(Content).length < 100_000);
  }
});

for (const type of TYPES) {
  test(`the schema of ${type} says what the detail's own says, in OpenAPI's words`, () => {
    const { components } = openApiOf(type) as {
      readonly components: { readonly schemas: Record<string, Json> };
    };
    const { AWSEvent, ...details } = components.schemas;
    assert.equal(AWSEvent?.['x-amazon-events-detail-type'], type);
    assert.equal(AWSEvent?.['x-amazon-events-source'], 'landfall');
    const [detail] = Object.values(details);
    assert.deepEqual(Object.keys(detail?.['properties'] ?? {}), Object.keys(DETAIL_SCHEMAS[type].shape));
    // OpenAPI 3.0 knows neither of these; EventBridge refuses a schema that has them.
    assert.doesNotMatch(
      JSON.stringify(components),
      /"const":|"type":"null"|"type":\[|"\$schema"|"propertyNames"/,
    );
  });
}
