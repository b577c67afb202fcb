import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AWS_KINDS } from '../../../functions/lambda/deploys/aws-kinds.ts';
import { OF_A_MACHINE } from '../../../infra/deploy/document-deploys.ts';
import { Landfall } from '../../../infra/landfall.ts';
import { DEPLOY_KINDS } from '../../../shared/deploy/kinds/deploy-kinds.ts';
import { allowed } from '../rights/allowed.ts';
import { landfallIn, type SynthesizedTemplate, templateOf, testApp } from '../stack/template.ts';
import { temporaryFolderSync } from '../temporary-folder-sync.ts';

const SOURCES = 'sources: [{ name: site, namespace: web, url: "oci://ghcr.io/org/site" }]';
const EXECUTION = 'arn:aws:iam::123456789012:role/execution';

const KINDS: Readonly<Record<string, string>> = {
  stack: `{ name: net, kind: stack, source: web/site, stack: net, template: t.yaml, executionRole: "${EXECUTION}" }`,
  function: '{ name: api, kind: function, source: web/site, function: api, alias: live }',
  service:
    '{ name: shop, kind: service, source: web/site, cluster: prod, service: shop, containers: [app], dependsOn: [net] }',
  site: '{ name: web, kind: site, source: web/site, bucket: my-site, prefix: www, switch: { distribution: E2EXAMPLE, origin: site } }',
  http: '{ name: tell, kind: http, source: web/site, url: "https://hooks.example/a" }',
  git: '{ name: fleet, kind: git, source: web/site, url: "https://git.example/fleet", branch: main, author: { name: L, email: l@example.org }, username: bot, password: { secretsManager: git/fleet } }',
  machine: '{ name: link, kind: directory, source: web/site, target: ./live }',
  role: `{ name: far, kind: stack, source: web/site, stack: far, template: t.yaml, executionRole: "${EXECUTION}",
           role: { arn: "arn:aws:iam::210987654321:role/landfall", externalId: team-a } }`,
};

function synthesized(deploys: readonly string[]): SynthesizedTemplate {
  const folder = temporaryFolderSync();
  writeFileSync(
    join(folder, 'web.yaml'),
    `${SOURCES}\ndeploys:\n${deploys.map((each) => `  - ${each}\n`).join('')}`,
  );
  return templateOf(landfallIn({ documents: [folder] }).stack);
}

const own = (template: SynthesizedTemplate, name: string): readonly string[] =>
  allowed(template, `Deploy${name}WorkerFunction`).filter((each) => !/^(s3|sqs|logs|events):/.test(each));

describe('deploys of the documents of an app', () => {
  test('are each a queue, a function with a role of its own, and alarms; those of a machine are left out', () => {
    const names = ['stack', 'function', 'service', 'http', 'machine'];
    const template = synthesized(names.map((name) => KINDS[name] ?? ''));
    const functions = [...template.ofType('AWS::Lambda::Function').keys()].filter((id) => /^Deploy/.test(id));
    assert.deepEqual(functions.toSorted(), [
      'DeployapiWorkerFunction',
      'DeploynetWorkerFunction',
      'DeployshopWorkerFunction',
      'DeploytellWorkerFunction',
    ]);
    for (const [id, kind] of [
      ['Deploynet', 'stack'],
      ['Deployapi', 'function'],
    ] as const) {
      const { Environment } = template.properties(`${id}WorkerFunction`) as {
        readonly Environment: { readonly Variables: Readonly<Record<string, string>> };
      };
      assert.match(String(Environment.Variables['LANDFALL_DEPLOY']), new RegExp(`"kind":"${kind}"`));
    }
  });

  test('are of kinds that a function of AWS has, or that need a machine: each of the documents is one of the two', () => {
    assert.deepEqual(
      [...Object.keys(AWS_KINDS), ...OF_A_MACHINE].toSorted(),
      Object.keys(DEPLOY_KINDS).toSorted(),
    );
  });

  for (const kind of Object.keys(AWS_KINDS).filter((each) => each !== 'kubernetes' && each !== 'helm'))
    test(`of kind ${kind} are each a subscription, a function with a role, a look by time and alarms`, () => {
      const entry = KINDS[kind] ?? '';
      const [, name = ''] = /name: (\w+)/.exec(entry) ?? [];
      const template = synthesized([...(kind === 'service' ? [KINDS['stack'] ?? ''] : []), entry]);
      const made = [...template.resources].filter(([id]) => id.startsWith(`Deploy${name}Worker`));
      const countOf = (type: string): number => made.filter(([, { Type }]) => Type === type).length;
      const counts = [
        ...['AWS::Lambda::Function', 'AWS::IAM::Role', 'AWS::SQS::Queue', 'AWS::CloudWatch::Alarm'],
        ...['AWS::Lambda::EventSourceMapping', 'AWS::Events::Rule'],
      ].map(countOf);
      assert.deepEqual(counts, [1, 1, 2, 2, 1, 2], made.map(([id]) => id).join(' '));
    });

  test('of the demo are those that it runs on one machine, and nothing says that they are for one alone', () => {
    const { stack } = landfallIn({ documents: ['examples/deploys/deploys.yaml'] });
    const template = templateOf(stack);
    const functions = [...template.ofType('AWS::Lambda::Function').keys()].filter((id) => /Deploy/.test(id));
    assert.deepEqual(functions.length, 4, functions.join(' '));
    const rules = [...template.ofType('AWS::Events::Rule').keys()].join(' ');
    for (const name of ['network', 'api', 'pages', 'web']) {
      assert.ok(
        functions.some((id) => id.includes(`Deploy${name}Worker`)),
        functions.join(' '),
      );
      assert.match(rules, new RegExp(`Deploy${name}`));
    }
    const said = Annotations.fromStack(stack).findWarning('*', Match.anyValue());
    assert.doesNotMatch(JSON.stringify(said.map(({ entry }) => entry.data)), /one machine/);
  });

  test('may do what their kind says, and no more', () => {
    const template = synthesized([
      KINDS['stack'] ?? '',
      KINDS['function'] ?? '',
      KINDS['http'] ?? '',
      KINDS['git'] ?? '',
    ]);
    assert.deepEqual(own(template, 'tell'), []);
    assert.deepEqual(
      own(template, 'fleet').map((each) =>
        each.replaceAll(/<AWS::\w+>|\b(?:aws|\d{12}|[a-z]+-[a-z]+-\d)\b/g, ''),
      ),
      ['secretsmanager:GetSecretValue arn::secretsmanager:::secret:git/fleet-??????'],
    );
    assert.deepEqual(
      [...new Set(own(template, 'api').map((each) => each.split(' ')[0]))].toSorted(),
      [
        'CreateAlias',
        'GetAlias',
        'GetFunction',
        'GetFunctionConfiguration',
        'PublishVersion',
        'UpdateAlias',
        'UpdateFunctionCode',
      ].map((action) => `lambda:${action}`),
    );
    const stack = own(template, 'net');
    assert.ok(
      stack.some((each) => each.startsWith(`iam:PassRole ${EXECUTION} if `)),
      stack.join('\n'),
    );
    assert.ok(
      stack.every((each) => /stack\/net\/\*|transform\/\*|role\/execution/.test(each)),
      stack.join('\n'),
    );
    assert.ok(!stack.some((each) => each.includes('DeleteStack')));
  });

  test('of a service may roll that one, and of a site put into its folder alone and move its origin', () => {
    const template = synthesized([KINDS['stack'] ?? '', KINDS['service'] ?? '', KINDS['site'] ?? '']);
    const shop = own(template, 'shop');
    assert.ok(
      shop.every((each) =>
        /\/prod\/shop(\/\*)?( |$)|task-definition\/shop:\*|DescribeTaskDefinition \*/.test(each),
      ),
      shop.join('\n'),
    );
    const site = allowed(template, 'DeploywebWorkerFunction').filter((each) =>
      /my-site|cloudfront/.test(each),
    );
    assert.deepEqual(
      site.map((each) => each.replace(/<AWS::Partition>|arn:aws(?=:)/g, 'P').split(' if ')[0]).toSorted(),
      [
        'cloudfront:GetDistribution arn:P:cloudfront::<AWS::AccountId>:distribution/E2EXAMPLE',
        'cloudfront:UpdateDistribution arn:P:cloudfront::<AWS::AccountId>:distribution/E2EXAMPLE',
        's3:DeleteObject arn:P:s3:::my-site/www/*',
        's3:GetObject arn:P:s3:::my-site/www/*',
        's3:ListBucket arn:P:s3:::my-site',
        's3:PutObject arn:P:s3:::my-site/www/*',
      ],
    );
  });

  test('have what their Landfall has: alarm actions, key, network, logs, traces', () => {
    const folder = temporaryFolderSync();
    writeFileSync(join(folder, 'web.yaml'), `${SOURCES}\ndeploys:\n  - ${KINDS['function']}\n`);
    const stack = new Stack(testApp(), 'Test');
    const topic = new Topic(stack, 'People');
    new Landfall(stack, 'Landfall', {
      documents: [folder],
      alarmActions: [new SnsAction(topic)],
      encryptionKey: new Key(stack, 'Key'),
      vpc: new Vpc(stack, 'Net'),
      environment: { NO_PROXY: '.internal' },
      logRetention: RetentionDays.ONE_WEEK,
      tracing: true,
      systemLogLevel: 'INFO',
    });
    const template = templateOf(stack);
    const lambda = template.properties('DeployapiWorkerFunction');
    assert.equal(lambda['KmsKeyArn'], '<Key.Arn>');
    assert.ok(lambda['VpcConfig']);
    assert.deepEqual(lambda['TracingConfig'], { Mode: 'Active' });
    assert.equal((lambda['LoggingConfig'] as Readonly<Record<string, unknown>>)['SystemLogLevel'], 'INFO');
    assert.equal(template.properties('DeployapiWorkerFunctionLogs')['RetentionInDays'], 7);
    const alarms = [...template.ofType('AWS::CloudWatch::Alarm').keys()].filter((id) =>
      /^Deployapi/.test(id),
    );
    assert.equal(alarms.length, 2);
    for (const id of alarms) assert.deepEqual(template.properties(id)['AlarmActions'], ['<People>'], id);
    const queues = [...template.ofType('AWS::SQS::Queue').keys()].filter((id) => /^Deployapi/.test(id));
    for (const id of queues) assert.equal(template.properties(id)['KmsMasterKeyId'], '<Key.Arn>', id);
  });

  test('with a role of their own may assume that one, and no more', () => {
    assert.deepEqual(own(synthesized([KINDS['role'] ?? '']), 'far'), [
      'sts:AssumeRole arn:aws:iam::210987654321:role/landfall if {"StringEquals":{"sts:ExternalId":"team-a"}}',
    ]);
  });

  test('send themselves the next look, and are woken by their target and by what they depend on', () => {
    const template = synthesized([KINDS['stack'] ?? '', KINDS['service'] ?? '']);
    const queue = '<DeploynetWorkerSubscriptionEvents.Arn>';
    assert.ok(allowed(template, 'DeploynetWorkerFunction').includes(`sqs:SendMessage ${queue}`));
    const wakes = [...template.ofType('AWS::Events::Rule').keys()].filter((id) =>
      /Wake|Dependencies/.test(id),
    );
    assert.deepEqual(wakes.toSorted(), [
      'DeploynetWake0',
      'DeployshopDependencies',
      'DeployshopWake0',
      'DeployshopWake1',
    ]);
    assert.deepEqual(template.properties('DeployshopDependencies')['EventPattern'], {
      source: ['landfall'],
      'detail-type': ['Deploy Succeeded'],
      detail: { deploy: ['net'] },
    });
  });

  test('that depend on others know what those are for', () => {
    const template = synthesized([KINDS['stack'] ?? '', KINDS['service'] ?? '']);
    const told = (name: string): unknown => {
      const { Environment } = template.properties(`Deploy${name}WorkerFunction`);
      const { LANDFALL_DEPLOY: text } = (Environment as { readonly Variables: Record<string, unknown> })
        .Variables;
      return (JSON.parse(String(text)) as { readonly dependencies?: unknown }).dependencies;
    };
    assert.deepEqual(told('shop'), [{ name: 'net', source: 'web/site' }]);
    assert.equal(told('net'), undefined);
  });

  test('of no source of the app are refused when it is synthesized', () => {
    assert.throws(
      () => synthesized(['{ name: a, kind: http, source: "other/*", url: "https://a.example" }']),
      {
        code: 'CONFIG_INVALID',
        message: /no source of this app is other\/\*/,
      },
    );
  });
});
