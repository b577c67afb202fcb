import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { type IVpc, SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Landfall } from '../../../infra/landfall.ts';
import { FixedEgress } from '../../../infra/network/fixed-egress.ts';
import { networkFiles } from '../../../infra/network/network.ts';
import { SiteDeploy } from '../../../infra/site-deploy.ts';
import { temporaryFolderSync } from '../temporary-folder-sync.ts';
import { landfallIn, readable, synthesize, templateOf, testApp } from './template.ts';

type Json = Readonly<Record<string, unknown>>;

const PEM = '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n';
const folder = temporaryFolderSync();
const fileOf = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const SOURCES = [{ name: 'web', url: 'oci://r.example/web' }];

test('every function is in the network that was given, a deploy and the one of documents among them', () => {
  const stack = new Stack(testApp(), 'Test');
  const vpc = new Vpc(stack, 'Network', { restrictDefaultSecurityGroup: false });
  const network = {
    vpc,
    subnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
    securityGroups: [new SecurityGroup(stack, 'Group', { vpc: vpc as IVpc })],
    environment: { HTTPS_PROXY: 'http://proxy.internal:3128', NO_PROXY: '.internal' },
    ca: fileOf('ca.pem', PEM),
  };
  const landfall = new Landfall(stack, 'Landfall', { ...network, sources: SOURCES });
  const bucket = new Bucket(stack, 'Site');
  new SiteDeploy(stack, 'Deploy', { ...network, landfall, name: 'site', source: 'web', bucket });
  const template = templateOf(stack);
  const functions = [...template.ofType('AWS::Lambda::Function')];
  assert.equal(functions.length, 6);
  for (const [name, { Properties }] of functions) {
    const { VpcConfig, Environment } = readable(Properties) as {
      readonly VpcConfig: Json;
      readonly Environment: { readonly Variables: Json };
    };
    assert.deepEqual(VpcConfig['SecurityGroupIds'], ['<Group.GroupId>'], name);
    assert.equal((VpcConfig['SubnetIds'] as readonly unknown[]).length, 2, name);
    const { HTTPS_PROXY, NO_PROXY, NODE_EXTRA_CA_CERTS } = Environment.Variables;
    assert.deepEqual(
      [HTTPS_PROXY, NO_PROXY, NODE_EXTRA_CA_CERTS],
      ['http://proxy.internal:3128', '.internal', '/var/task/ca.pem'],
      name,
    );
  }
  const roles = [...template.ofType('AWS::IAM::Role').values()];
  for (const { Properties } of roles) assert.equal(Properties['ManagedPolicyArns'], undefined);
  for (const [name, { Properties }] of template.ofType('AWS::IAM::Policy')) {
    assert.match(JSON.stringify(Properties), /ec2:CreateNetworkInterface/, name);
  }
});

test('without a network nothing may be done to one', () => {
  assert.doesNotMatch(JSON.stringify([...synthesize().resources]), /ec2:|VpcConfig/);
});

const KEY = '-----BEGIN PRIVATE KEY-----\nMA==\n-----END PRIVATE KEY-----\n';
const REFUSED: readonly (readonly [what: string, props: () => Json, told: RegExp])[] = [
  ['a file that is not there', () => ({ ca: join(folder, 'none.pem') }), /cannot read/],
  ['a file that is no certificate', () => ({ ca: fileOf('none.txt', 'x') }), /holds no certificate/],
  ['a private key in code', () => ({ ca: fileOf('both.pem', `${PEM}${KEY}`) }), /holds a private key/],
  [
    'a variable of ours',
    () => ({ environment: { LANDFALL_SECRETS: '[]' } }),
    /LANDFALL_SECRETS is not yours/,
  ],
  ['a variable of Lambda', () => ({ environment: { AWS_REGION: 'x' } }), /AWS_REGION is not yours/],
  ['subnets of no network', () => ({ subnets: {} }), /are of a vpc/],
];

for (const [what, props, told] of REFUSED) {
  test(`refuses at synth: ${what}`, () => {
    assert.throws(() => synthesize(props()), { code: 'CONFIG_INVALID', message: told });
  });
}

test('the authorities lie beside the code, which is another where they are', () => {
  const [file] = networkFiles({ ca: fileOf('one.pem', PEM) });
  assert.deepEqual([file?.name, file?.text], ['ca.pem', PEM]);
  const [other] = networkFiles({ ca: fileOf('two.pem', `${PEM}${PEM}`) });
  assert.notEqual(file?.digest, other?.digest);
});

const HIDDEN: readonly (readonly [registry: string, isHidden: boolean])[] = [
  ['10.0.0.5:5000', true],
  ['[fd12::1]:5000', true],
  ['100.64.0.1', true],
  ['harbor', true],
  ['harbor.internal', true],
  ['harbor.corp:8443', true],
  ['ghcr.io', false],
  ['8.8.8.8', false],
  ['internal.example.com', false],
];

for (const [registry, isHidden] of HIDDEN) {
  test(`${isHidden ? 'warns' : 'does not warn'} of ${registry} where functions are in no network`, () => {
    const sources = [{ name: 'web', url: `oci://${registry}/a/b` }];
    const told = (stack: Stack): number =>
      Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('network of your own')).length;
    assert.equal(told(landfallIn({ sources }).stack), isHidden ? 1 : 0);
    const stack = new Stack(testApp(), 'Test');
    new Landfall(stack, 'Landfall', { sources, vpc: new Vpc(stack, 'Network') });
    assert.equal(told(stack), 0);
  });
}

test('a network of few addresses that stay, and S3 beside them', () => {
  const stack = new Stack(testApp(), 'Test');
  const { vpc, addresses } = new FixedEgress(stack, 'Egress');
  new Landfall(stack, 'Landfall', { vpc });
  assert.equal(addresses.length, 1);
  const template = templateOf(stack);
  assert.equal(template.ofType('AWS::EC2::NatGateway').size, 1);
  assert.equal(template.ofType('AWS::EC2::EIP').size, 1);
  assert.equal(template.ofType('AWS::EC2::VPCEndpoint').size, 1);
});
