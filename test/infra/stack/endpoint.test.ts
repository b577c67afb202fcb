import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { cameThroughOrigin } from '../../../functions/lambda/through-origin.ts';
import { Landfall } from '../../../infra/landfall.ts';
import type { LandfallProps } from '../../../infra/landfall-props.ts';
import { ReceivingBus } from '../../../infra/receiving-bus.ts';
import { readable, synthesize, templateOf, testApp } from './template.ts';

type Json = Readonly<Record<string, unknown>>;

const RECEIVERS: LandfallProps = {
  receivers: [{ name: 'hub', type: 'generic', registry: 'ghcr.io', secret: { ssm: '/landfall/hub' } }],
};
const WEB_ACL = 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/landfall/one';

function inRegion(region: string, props: LandfallProps = RECEIVERS) {
  const stack = new Stack(testApp(), 'Test', { env: { account: '123456789012', region } });
  const landfall = new Landfall(stack, 'Landfall', props);
  new ReceivingBus(stack, 'Receiving', { landfallAccount: '123456789012' });
  return { landfall, template: templateOf(stack) };
}

const countOf = (region: string, type: string): number => inRegion(region).template.ofType(type).size;

for (const [region, urls, schemas] of [
  ['eu-west-1', 1, true],
  ['us-east-1', 1, true],
  ['il-central-1', 0, false],
  ['ca-west-1', 0, false],
  ['ap-southeast-5', 0, false],
  ['me-central-1', 0, true],
  ['cn-north-1', 0, true],
  ['cn-northwest-1', 0, true],
  ['us-gov-west-1', 0, false],
] as const) {
  test(`${region} gets ${urls === 1 ? 'a function URL' : 'an HTTP API'}, and ${schemas ? '' : 'no '}schemas`, () => {
    assert.equal(countOf(region, 'AWS::Lambda::Url'), urls);
    assert.equal(countOf(region, 'AWS::ApiGatewayV2::Api'), 1 - urls);
    assert.equal(countOf(region, 'AWS::EventSchemas::Registry'), schemas ? 1 : 0);
  });
}

for (const region of ['ap-east-2', 'ap-southeast-6'])
  test(`${region} has neither kind of endpoint: nothing is made that is refused there, and the synthesis says so`, () => {
    const { landfall, template } = inRegion(region);
    const made = [...template.resources.values()].map(({ Type }) => Type);
    assert.deepEqual(
      made.filter((type) => type === 'AWS::Lambda::Url' || type.startsWith('AWS::ApiGatewayV2::')),
      [],
    );
    assert.equal(landfall.url, undefined);
    Annotations.fromStack(Stack.of(landfall)).hasWarning(
      '*',
      Match.stringLikeRegexp('receivers: .*endpoint'),
    );
    assert.notEqual(inRegion(region, { ...RECEIVERS, endpoint: 'api' }).landfall.url, undefined);
  });

test('no bus has a description, which GovCloud refuses', () => {
  for (const [name, { Properties }] of inRegion('us-gov-west-1').template.ofType('AWS::Events::EventBus')) {
    assert.equal(Properties['Description'], undefined, name);
  }
});

test('without receivers nothing is public, and nothing is kept of the concurrency of a new account', () => {
  const { landfall, template } = inRegion('eu-west-1', {});
  assert.equal(landfall.url, undefined);
  assert.equal(template.ofType('AWS::Lambda::Url').size, 0);
  for (const [name, { Properties }] of template.ofType('AWS::Lambda::Function')) {
    assert.equal(Properties['ReservedConcurrentExecutions'], undefined, name);
  }
  assert.ok(!JSON.stringify([...template.ofType('AWS::Lambda::Permission')]).includes('"Principal":"*"'));
  assert.equal(synthesize({ endpoint: 'url' }).ofType('AWS::Lambda::Url').size, 1);
  assert.equal(synthesize({ reach: { secrets: ['hooks/*'] } }).ofType('AWS::Lambda::Url').size, 1);
});

test('an HTTP API asks the function, at a bounded rate', () => {
  const template = synthesize({ ...RECEIVERS, endpoint: 'api' });
  const [stage] = [...template.ofType('AWS::ApiGatewayV2::Stage').values()];
  assert.deepEqual(stage?.Properties['DefaultRouteSettings'], {
    ThrottlingBurstLimit: 100,
    ThrottlingRateLimit: 100,
  });
  const [integration] = [...template.ofType('AWS::ApiGatewayV2::Integration').values()];
  // The events of a function URL: the handler reads one kind.
  assert.equal(integration?.Properties['PayloadFormatVersion'], '2.0');
  assert.equal(template.ofType('AWS::Lambda::Url').size, 0);
});

test('behind a web ACL CloudFront shows a secret to the function, and no body is cached', () => {
  const template = synthesize({ ...RECEIVERS, endpoint: { webAcl: WEB_ACL } });
  const [distribution] = [...template.ofType('AWS::CloudFront::Distribution').values()];
  const { DistributionConfig } = readable(distribution?.Properties) as { readonly DistributionConfig: Json };
  assert.equal(DistributionConfig['WebACLId'], WEB_ACL);
  const [origin] = DistributionConfig['Origins'] as readonly Json[];
  const [header] = (origin?.['OriginCustomHeaders'] ?? []) as readonly Json[];
  const { Environment } = template.properties('FunctionsReceiveFunction');
  const { Variables } = Environment as { readonly Variables: Json };
  assert.equal(header?.['HeaderName'], 'x-landfall-origin');
  assert.match(String(header?.['HeaderValue']), /resolve:secretsmanager/);
  assert.deepEqual(header?.['HeaderValue'], Variables['LANDFALL_ORIGIN_SECRET']);
});

test('who comes around the web ACL is not let in, whatever he shows', () => {
  const env = { LANDFALL_ORIGIN_SECRET: 'canary' };
  for (const [shown, is] of [
    ['canary', true],
    ['canary,canary', false],
    ['', false],
    [undefined, false],
  ] as const) {
    assert.equal(cameThroughOrigin({ 'x-landfall-origin': shown }, env), is, String(shown));
  }
  assert.equal(cameThroughOrigin({}, {}), true);
});
