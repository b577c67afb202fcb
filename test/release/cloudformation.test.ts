import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { NOTIFY_VARIABLE, readPlaced } from '../../functions/lambda/work/notify-bindings.ts';
import { writeTemplate } from '../../release/cloudformation/write-template.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);
const folder = await temporaryFolder();
after(() => folder.remove());

const names = await writeTemplate(ROOT, folder.path);
const path = join(folder.path, 'landfall.template.json');
const text = await readFile(path, 'utf8');

interface Template {
  readonly Parameters: Readonly<
    Record<string, { readonly Default?: string; readonly AllowedPattern?: string }>
  >;
  readonly Resources: Readonly<
    Record<
      string,
      { readonly Type: string; readonly Condition?: string; readonly Properties: Record<string, unknown> }
    >
  >;
}
const template = JSON.parse(text) as Template;
const ofType = (type: string) => Object.values(template.Resources).filter(({ Type }) => Type === type);

test('the template names nothing that the CDK would have to put somewhere', () => {
  assert.doesNotMatch(text, /cdk-|aws:cdk|AssetParameters|BootstrapVersion|CDKMetadata/i);
});

test('each function is a zip beside the template, in the bucket and folder that its parameters say', async () => {
  assert.deepEqual((await readdir(folder.path)).toSorted(), names.toSorted());
  const functions = ofType('AWS::Lambda::Function');
  assert.equal(functions.length, 7);
  for (const { Properties } of functions) {
    const { S3Bucket, S3Key } = Properties['Code'] as { readonly S3Bucket: unknown; readonly S3Key: object };
    assert.deepEqual(S3Bucket, { Ref: 'FunctionsBucket' });
    const [key] = Object.values(S3Key) as readonly string[];
    const zip = key?.replace(/^\$\{FunctionsPrefix\}/, '') ?? '';
    assert.ok(names.includes(zip), `${zip} is not there`);
    const { stdout } = await run('python3', ['-m', 'zipfile', '-l', join(folder.path, zip)]);
    assert.match(stdout, /^index\.mjs /m);
  }
});

test('only the bucket has to be said', () => {
  const needed = Object.entries(template.Parameters).filter(([, { Default }]) => Default === undefined);
  assert.deepEqual(
    needed.map(([name]) => name),
    ['FunctionsBucket'],
  );
});

test('a document, a topic and secrets are there only where they are named', () => {
  const [documents] = ofType('Custom::LandfallDocuments');
  assert.equal(documents?.Condition, 'DocumentsIsGiven');
  const wanted = [{ 'Fn::If': ['AlarmTopicIsGiven', { Ref: 'AlarmTopic' }, { Ref: 'AWS::NoValue' }] }];
  for (const { Properties } of ofType('AWS::CloudWatch::Alarm'))
    assert.deepEqual(Properties['AlarmActions'], wanted);
  const policies = JSON.stringify(ofType('AWS::IAM::Policy'));
  assert.match(policies, /"Fn::If":\["RegistrySecretIsGiven",\{"Ref":"RegistrySecret"\},/);
});

test('who tells is there only where that is asked for, and nothing that is always there names it', () => {
  const told = Object.entries(template.Resources).filter(([id]) => id.startsWith('LandfallNotify'));
  assert.ok(told.length > 5);
  assert.deepEqual(
    told.filter(([, { Condition }]) => Condition !== 'IsNotify'),
    [],
  );
  assert.equal(template.Parameters['Notify']?.Default, 'no');
  const ids = told.map(([id]) => id);
  const always = Object.entries(template.Resources).filter(([id]) => !ids.includes(id));
  const inOwnCondition = /\{"Fn::If":\["IsNotify",\{[^{}]*\},\{"Ref":"AWS::NoValue"\}\]\}/g;
  const rest = JSON.stringify(always).replaceAll(inOwnCondition, '');
  assert.deepEqual(
    ids.filter((id) => rest.includes(`"${id}"`)),
    [],
  );
  assert.match(JSON.stringify(always), /"Fn::If":\["IsNotify",\{"Fn::GetAtt":\["LandfallNotifyFunctionRole/);
});

test('secrets of notify go to the one place that its parameter says', () => {
  const [notify] = ofType('AWS::Lambda::Function').filter(({ Condition }) => Condition === 'IsNotify');
  const { Variables } = (notify?.Properties['Environment'] ?? {}) as {
    readonly Variables: Record<string, unknown>;
  };
  const [text, values] = (Variables[NOTIFY_VARIABLE] as { readonly 'Fn::Sub': readonly [string, object] })[
    'Fn::Sub'
  ];
  assert.deepEqual(Object.keys(values), ['Secrets', 'Place']);
  const filled = text.replace(
    /\$\{Secrets\}/,
    'arn:aws:secretsmanager:eu-west-1:123456789012:secret:github-*',
  );
  const [placed] = readPlaced({
    [NOTIFY_VARIABLE]: filled.replace(/\$\{Place\}/, 'https://api.github.com'),
  });
  assert.deepEqual(placed?.to, ['https://api.github.com']);
  assert.match(JSON.stringify(ofType('AWS::IAM::Policy')), /"Fn::If":\["NotifySecretsIsGiven"/);
});

test('what is no ARN and no name of a document is refused before anything is made', () => {
  for (const [name, refused, taken] of [
    ['AlarmTopic', 'alarms', 'arn:aws:sns:eu-west-1:123456789012:alarms'],
    ['Documents', '../sources.yaml', 'sources.yaml'],
    ['FunctionsPrefix', 'landfall', 'landfall/0.1.0/'],
    ['Registry', 'https://ghcr.io', 'registry.example:5000'],
    ['Notify', 'true', 'yes'],
    ['NotifyPlace', 'https://api.github.com/repos', 'https://api.github.com'],
    ['NotifyTopics', 'alerts', 'arn:aws:sns:eu-west-1:123456789012:alerts-*'],
    ['Operators', '*', 'arn:aws:iam::123456789012:role/platform-*'],
  ] as const) {
    const pattern = new RegExp(template.Parameters[name]?.AllowedPattern ?? '');
    assert.deepEqual([pattern.test(refused), pattern.test(taken)], [false, true], name);
  }
});

const hasLint = spawnSync('cfn-lint', ['--version']).status === 0;
test('cfn-lint finds nothing', { skip: hasLint ? false : 'no cfn-lint on the PATH' }, async () => {
  await run('cfn-lint', ['--', path]);
});
