import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stack } from 'aws-cdk-lib';
import { ecrPushOf } from '../../functions/queue-work.ts';
import { EcrEventForwarder } from '../../infra/ecr/ecr-event-forwarder.ts';
import { ecrSamples } from '../support/ecr-events.ts';
import { matchesEvent } from './matches-event.ts';
import { landfallIn, readable, templateOf, testApp } from './stack/template.ts';

type Json = Readonly<Record<string, unknown>>;

const BUS = 'arn:<AWS::Partition>:events:eu-west-1:123456789012:event-bus/default';
const ELSEWHERE = { account: '210987654321', region: 'ap-southeast-2', repository: 'team/web', tag: '1' };

const stack = new Stack(testApp(), 'Team', { env: { account: ELSEWHERE.account, region: ELSEWHERE.region } });
new EcrEventForwarder(stack, 'Ecr', { landfallAccount: '123456789012', landfallRegion: 'eu-west-1' });
const template = templateOf(stack);
const rules = [...template.ofType('AWS::Events::Rule').values()].map(
  ({ Properties }) => readable(Properties) as Json,
);

for (const { name, event, rule } of ecrSamples(ELSEWHERE)) {
  test(`of another account and region is ${rule === undefined ? 'not passed on' : 'passed on, and read'}: ${name}`, () => {
    const passed = rules.filter(({ EventPattern }) => matchesEvent(EventPattern as Json, event));
    assert.equal(passed.length, rule === undefined ? 0 : 1);
    if (rule === undefined) return;
    assert.ok(ecrPushOf(event)?.registries.includes('210987654321.dkr.ecr.ap-southeast-2.amazonaws.com'));
  });
}

test("they go to the default bus of Landfall's account, by a role that may do nothing else", () => {
  for (const { Targets } of rules) {
    const [target] = Targets as readonly Json[];
    assert.equal(String(target?.['Arn']).replace('arn:aws:', 'arn:<AWS::Partition>:'), BUS);
    assert.ok(target?.['DeadLetterConfig']);
  }
  for (const { Properties } of template.ofType('AWS::IAM::Policy').values()) {
    const { Statement } = readable(Properties['PolicyDocument']) as { readonly Statement: readonly Json[] };
    assert.deepEqual(
      Statement.map(({ Action }) => Action),
      ['events:PutEvents'],
    );
  }
});

test("Landfall's bus takes ECR's events from the accounts named, and nothing else of them", () => {
  const { stack: home, landfall } = landfallIn();
  landfall.receiveEcrEvents('210987654321', '345678901234');
  assert.throws(() => landfall.receiveEcrEvents('*'), { code: 'CONFIG_INVALID' });
  const policies = [...templateOf(home).ofType('AWS::Events::EventBusPolicy').values()]
    .map(
      ({ Properties }) => readable(Properties) as { readonly EventBusName: string; readonly Statement: Json },
    )
    .filter(({ EventBusName }) => EventBusName === 'default');
  assert.deepEqual(
    policies.map(({ Statement: { Effect, Principal, Action, Condition } }) => [
      Effect,
      Principal,
      Action,
      Condition,
    ]),
    ['210987654321', '345678901234'].map((account) => [
      'Allow',
      { AWS: `arn:<AWS::Partition>:iam::${account}:root` },
      'events:PutEvents',
      { StringEquals: { 'events:source': 'aws.ecr' } },
    ]),
  );
});
