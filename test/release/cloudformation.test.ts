import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
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
  assert.equal(functions.length, 6);
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

test('what is no ARN and no name of a document is refused before anything is made', () => {
  for (const [name, refused, taken] of [
    ['AlarmTopic', 'alarms', 'arn:aws:sns:eu-west-1:123456789012:alarms'],
    ['Documents', '../sources.yaml', 'sources.yaml'],
    ['FunctionsPrefix', 'landfall', 'landfall/0.1.0/'],
    ['Registry', 'https://ghcr.io', 'registry.example:5000'],
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
