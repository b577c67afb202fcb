import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import type { ArtifactLocation } from '../../../shared/deploy/kit/deploy-context.ts';
import { parseParameters, sentParameters } from '../../../shared/deploy/stack/stack-parameters.ts';
import { readTemplate } from '../../../shared/deploy/stack/template/stack-template.ts';
import { STACK_BODY_BYTES, STACK_TEMPLATE_BYTES } from '../../../shared/limits.ts';
import { SleepingClock } from '../../support/aws-server/aws-client-for.ts';
import { accessAt } from '../../support/deploys/aws-access.ts';
import { kindContext } from '../../support/deploys/kind-context.ts';

const LOCAL: ArtifactLocation = { in: 'directory', directory: '/store' };
const URL = 'https://s3.eu-central-1.amazonaws.com/landfall-store/artifacts/sha256/ab/default/files';

function read(files: Readonly<Record<string, string>>, location?: ArtifactLocation) {
  const clock = new SleepingClock();
  const aws = accessAt('http://127.0.0.1:1', clock);
  const { artifact, origin } = kindContext({
    ...{ kind: 'stack', settings: {}, files, aws, clock },
    ...(location !== undefined && { location }),
  });
  return readTemplate(Object.keys(files)[0] ?? '', { artifact, origin });
}

const NESTED = `# Of the team.
Resources:
  Network: # first
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: nested/net work.yaml
      Parameters: { Cidr: !Ref Cidr }
  Other:
    Type: AWS::CloudFormation::Stack
    Properties: { TemplateURL: 'https://s3.amazonaws.com/b/other.yaml' }
  Made:
    Type: AWS::CloudFormation::Stack
    Properties: { TemplateURL: !Sub 'https://\${Bucket}.s3.amazonaws.com/x.yaml' }
`;

const PLAIN = 'Resources: { Topic: { Type: AWS::SNS::Topic } }';

describe('a template is sent', () => {
  test('byte for byte, where it is small', async () => {
    const { source } = await read({ 'a/t.yaml': `${PLAIN} # ü\n` });
    assert.deepEqual(source, { body: `${PLAIN} # ü\n` });
  });

  for (const [bytes, isBody] of [
    [STACK_BODY_BYTES, true],
    [STACK_BODY_BYTES + 1, false],
  ] as const) {
    test(`with ${bytes} bytes ${isBody ? 'in the request' : 'by its URL in the store, or not at all from a folder'}`, async () => {
      const files = { 'a b/t.yaml': PLAIN.padEnd(bytes) };
      const { source } = await read(files);
      if (isBody) return assert.ok('body' in source);
      assert.deepEqual(source, { url: `${URL}/a%20b/t.yaml` });
      await assert.rejects(read(files, LOCAL), { code: 'DEPLOY_FAILED', message: /is in no bucket/ });
    });
  }

  test('not over 1 MiB', async () => {
    assert.ok('url' in (await read({ 't.yaml': PLAIN.padEnd(STACK_TEMPLATE_BYTES) })).source);
    const over = read({ 't.yaml': PLAIN.padEnd(STACK_TEMPLATE_BYTES + 1) });
    await assert.rejects(over, { code: 'DEPLOY_FAILED', message: /1048577 bytes, .* at most 1048576/ });
  });

  test('with its nested templates at their URLs in the store, and all else as it is', async () => {
    const { source } = await read({ 'app/t.yaml': NESTED, 'app/nested/net work.yaml': PLAIN });
    assert.ok('body' in source);
    assert.match(source.body, /# Of the team\.[\s\S]*# first/);
    assert.match(source.body, /!Ref Cidr/);
    assert.match(source.body, /!Sub .https:\/\/\$\{Bucket\}/);
    const { Resources } = parse(source.body, { logLevel: 'silent' });
    assert.equal(Resources.Network.Properties.TemplateURL, `${URL}/app/nested/net%20work.yaml`);
    assert.equal(Resources.Other.Properties.TemplateURL, 'https://s3.amazonaws.com/b/other.yaml');
  });

  for (const [what, rest] of [
    ['a key twice', 'Description: a\nDescription: b\n'],
    ['a comment right after a value', 'Description: "a"#b\n'],
  ] as const)
    test(`and ${what}, which is CloudFormation's to refuse`, async () => {
      const { source } = await read({ 'app/t.yaml': `${rest}${NESTED}`, 'app/nested/net work.yaml': PLAIN });
      assert.ok('body' in source);
      assert.match(source.body, /TemplateURL: https:\/\/s3\.eu-central-1.*\/app\/nested\/net%20work\.yaml/);
    });

  test('and what is no template is left to CloudFormation as it is', async () => {
    const nested = '{ Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: a.yaml } }';
    for (const text of [`Resources: [${nested}]`, 'AWS::CloudFormation::Stack', `Outputs: { A: ${nested} }`])
      assert.deepEqual((await read({ 't.yaml': text })).source, { body: text });
  });

  test('and JSON stays JSON', async () => {
    for (const TemplateURL of ['../n.json', './../n.json', '..//./n.json']) {
      const Nested = { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL } };
      const { source } = await read({
        'a/t.json': JSON.stringify({ Resources: { Nested } }),
        'n.json': '{}',
      });
      assert.ok('body' in source);
      assert.equal(JSON.parse(source.body).Resources.Nested.Properties.TemplateURL, `${URL}/n.json`);
    }
  });

  for (const [what, files, location, message] of [
    [
      'is not in the artifact',
      { 't.yaml': NESTED },
      undefined,
      /nested\/net work.yaml is not in the artifact/,
    ],
    ['is in no bucket', { 't.yaml': NESTED, 'nested/net work.yaml': PLAIN }, LOCAL, /reads from S3 alone/],
    [
      'leads out of the artifact',
      { 't.yaml': NESTED.replace('nested/net', '../../etc/net') },
      undefined,
      /leads out of the artifact/,
    ],
    [
      'nests a path itself',
      { 't.yaml': NESTED, 'nested/net work.yaml': NESTED },
      undefined,
      /nests nested\/net work.yaml by a path itself/,
    ],
    [
      'makes it too large for a request',
      { 't.yaml': NESTED.padEnd(STACK_BODY_BYTES, '#'), 'nested/net work.yaml': PLAIN },
      undefined,
      /with the URLs of its nested templates/,
    ],
  ] as const) {
    test(`not where a nested template ${what}`, async () => {
      await assert.rejects(read(files, location), { code: 'DEPLOY_FAILED', message });
    });
  }
});

describe('parameters come from a file of the artifact', () => {
  const parsed = (text: string, allow = ['Size', 'Name']) =>
    parseParameters('p.json', Buffer.from(text), allow);

  test('in each of the three forms there are', () => {
    const values = { Size: '3', Name: 'a' };
    assert.deepEqual(parsed('{"Size":3,"Name":"a"}'), values);
    assert.deepEqual(parsed('{"Parameters":{"Size":"3","Name":"a"},"Tags":{}}'), values);
    const list = [
      { ParameterKey: 'Size', ParameterValue: '3' },
      { ParameterKey: 'Name', ParameterValue: 'a' },
    ];
    assert.deepEqual(parsed(JSON.stringify(list)), values);
  });

  test('but only those that the document allows', () => {
    assert.throws(() => parsed('{"Size":3,"Admin":"me"}'), {
      code: 'DEPLOY_FAILED',
      message: /gives parameter "Admin", which is not allowed/,
    });
    assert.throws(() => parsed('{"__proto__":"x"}'), /not allowed/);
  });

  for (const text of ['{', '"a"', 'null', '[1]', '[{"Key":"Size"}]', '{"Size":["3"]}', '{"Size":{"a":1}}']) {
    test(`not from ${text}`, () => {
      assert.throws(() => parsed(text), { code: 'DEPLOY_FAILED' });
    });
  }

  test('and no value of a file that is refused is told', () => {
    assert.throws(
      () => parsed('{"Size":"3","Secret":"hunter2"}'),
      (error: Error) => !error.message.includes('hunter2'),
    );
  });
});

test('a parameter is kept only where the stack has it, and nobody gives it', () => {
  const values = { B: '2' };
  assert.deepEqual(sentParameters(values, ['A', 'B', 'C'], { A: '1', B: '1' }), [
    { name: 'A', value: { keep: true } },
    { name: 'B', value: '2' },
  ]);
  assert.deepEqual(sentParameters(values, ['A'], undefined), [{ name: 'B', value: '2' }]);
});
