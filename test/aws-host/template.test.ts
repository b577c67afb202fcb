import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { resolve, type Scope } from '../support/template-host/intrinsics.ts';
import { type Deployment, outputsOf, physicalNames } from '../support/template-host/physical-names.ts';
import { parseTemplate } from '../support/template-host/template.ts';

const SCOPE: Scope = {
  ref: (name) => ({ 'AWS::Region': 'eu-central-1', Bucket: 'store' })[name],
  attribute: (id, name) => new Map([['Bucket.Arn', 'arn:aws:s3:::store']]).get(`${id}.${name}`),
};

describe('intrinsic functions', () => {
  const cases: readonly (readonly [what: string, value: unknown, wanted: unknown])[] = [
    ['a Ref', { Ref: 'Bucket' }, 'store'],
    ['an attribute', { 'Fn::GetAtt': ['Bucket', 'Arn'] }, 'arn:aws:s3:::store'],
    ['an attribute as one text', { 'Fn::GetAtt': 'Bucket.Arn' }, 'arn:aws:s3:::store'],
    [
      'a join of functions',
      { 'Fn::Join': ['/', [{ 'Fn::GetAtt': ['Bucket', 'Arn'] }, '*']] },
      'arn:aws:s3:::store/*',
    ],
    [
      'a Sub of refs and attributes',
      { 'Fn::Sub': `\${Bucket} in \${AWS::Region}: \${Bucket.Arn}` },
      'store in eu-central-1: arn:aws:s3:::store',
    ],
    ['a Sub with its own variables', { 'Fn::Sub': [`\${mine}`, { mine: { Ref: 'Bucket' } }] }, 'store'],
    ['a literal in a Sub', { 'Fn::Sub': `\${!Bucket}` }, `\${Bucket}`],
    ['a part of a split', { 'Fn::Select': ['2', { 'Fn::Split': [':', 'a:b:c'] }] }, 'c'],
    ['functions deep in lists and maps', { a: [{ b: { Ref: 'Bucket' } }] }, { a: [{ b: 'store' }] }],
    ['a property of no value', { a: { Ref: 'AWS::NoValue' }, b: [1, { Ref: 'AWS::NoValue' }] }, { b: [1] }],
    ['a map that only looks like a function', { Ref: 'Bucket', more: 1 }, { Ref: 'Bucket', more: 1 }],
  ];
  for (const [what, value, wanted] of cases) {
    test(`resolves ${what}`, () => assert.deepEqual(resolve(value, SCOPE), wanted));
  }

  const refused: readonly (readonly [what: string, value: unknown, says: RegExp])[] = [
    ['a Ref to nothing', { Ref: 'Queue' }, /Ref to Queue/],
    ['an attribute that is not there', { 'Fn::GetAtt': ['Bucket', 'Name'] }, /Bucket\.Name/],
    ['a function it does not know', { 'Fn::ImportValue': 'x' }, /Fn::ImportValue is not known/],
    ['a join of what is no text', { 'Fn::Join': ['', [{ a: 1 }]] }, /list of texts/],
  ];
  for (const [what, value, says] of refused) {
    test(`refuses ${what}`, () => assert.throws(() => resolve(value, SCOPE), says));
  }
});

const DEPLOYMENT: Deployment = {
  account: '123456789012',
  region: 'eu-central-1',
  stackName: 'Landfall',
  queueOrigin: 'http://127.0.0.1:1234',
  functionUrl: (id) => `http://127.0.0.1:5678/${id}/`,
};

describe('physical names', () => {
  const template = parseTemplate(
    JSON.stringify({
      Parameters: { Version: { Type: 'String', Default: '6' } },
      Resources: {
        Store: { Type: 'AWS::S3::Bucket' },
        Work: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } },
        Named: { Type: 'AWS::Events::EventBus', Properties: { Name: 'LandfallBus' } },
        Url: { Type: 'AWS::Lambda::Url', Properties: {} },
        Schema: { Type: 'AWS::EventSchemas::Schema', Properties: {} },
      },
      Outputs: { Queue: { Value: { Ref: 'Work' } }, Bus: { Value: { 'Fn::GetAtt': ['Named', 'Arn'] } } },
    }),
  );
  const scope = physicalNames(template, DEPLOYMENT);

  test('a bucket is lower-case, and the same each time', () => {
    assert.match(scope.ref('Store') ?? '', /^landfall-store-[0-9a-f]{12}$/);
    assert.equal(scope.attribute('Store', 'Arn'), `arn:aws:s3:::${scope.ref('Store')}`);
  });
  test('a FIFO queue is known by its URL, and its name says what it is', () => {
    assert.match(
      scope.ref('Work') ?? '',
      /^http:\/\/127\.0\.0\.1:1234\/123456789012\/Landfall-Work-[0-9A-F]{12}\.fifo$/,
    );
  });
  test('a bus has the name it was given', () => {
    assert.equal(scope.ref('Named'), 'LandfallBus');
    assert.equal(
      scope.attribute('Named', 'Arn'),
      'arn:aws:events:eu-central-1:123456789012:event-bus/LandfallBus',
    );
  });
  test('a Function URL is where it listens', () => {
    assert.equal(scope.attribute('Url', 'FunctionUrl'), 'http://127.0.0.1:5678/Url/');
  });
  test('parameters and pseudo parameters are references too', () => {
    assert.equal(scope.ref('Version'), '6');
    assert.equal(scope.ref('AWS::AccountId'), '123456789012');
  });
  test('what the type does not have is not made up', () => {
    assert.equal(scope.attribute('Schema', 'Arn'), undefined);
    assert.equal(scope.attribute('Store', 'Ref'), undefined);
    assert.equal(scope.ref('Nothing'), undefined);
  });
  test('outputs are resolved', () => {
    assert.deepEqual(outputsOf(template, scope), {
      Queue: scope.ref('Work'),
      Bus: scope.attribute('Named', 'Arn'),
    });
  });
});
