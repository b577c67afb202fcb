import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { functionEnvironment } from '../../../shared/aws/function-environment.ts';
import { readable, synthesize } from './template.ts';

type Json = Readonly<Record<string, unknown>>;

const template = synthesize({ logRetention: RetentionDays.ONE_WEEK, endpoint: 'url' });
const functions = new Map(
  [...template.ofType('AWS::Lambda::Function')].map(([name, { Properties }]) => [
    name,
    readable(Properties) as Json,
  ]),
);

test('there are four of them, and none that a construct brought along', () => {
  assert.deepEqual(
    [...functions.keys()],
    [
      'FunctionsReceiveFunction',
      'FunctionsPollFunction',
      'FunctionsReconcileFunction',
      'FunctionsCollectFunction',
    ],
  );
});

for (const [name, properties] of functions) {
  test(`${name}: Node 24 on arm64, with a log group of its own`, () => {
    assert.equal(properties['Runtime'], 'nodejs24.x');
    assert.deepEqual(properties['Architectures'], ['arm64']);
    assert.equal(properties['TracingConfig'], undefined);
    assert.equal(properties['Handler'], 'index.handler');
    const logs = name.replace(/Function$/, 'Logs');
    assert.deepEqual(properties['LoggingConfig'], {
      LogFormat: 'JSON',
      LogGroup: `<${logs}>`,
      SystemLogLevel: 'WARN',
    });
    assert.equal(template.properties(logs)['RetentionInDays'], 7);
    assert.equal(template.resources.get(logs)?.DeletionPolicy, 'Delete');
  });

  test(`${name} is told all that functions ask for`, () => {
    const { Variables } = properties['Environment'] as { readonly Variables: Record<string, string> };
    assert.deepEqual(
      functionEnvironment(['bucket', 'queueUrl', 'bus', 'region'], { ...Variables, AWS_REGION: 'r' }),
      {
        bucket: '<Store>',
        queueUrl: '<Triggers>',
        bus: '<Bus>',
        region: 'r',
      },
    );
  });
}

test('traces and what Lambda itself logs cost money, and are asked for', () => {
  const traced = synthesize({ tracing: true, systemLogLevel: 'INFO' });
  for (const [name] of functions) {
    const { TracingConfig, LoggingConfig } = traced.properties(name);
    assert.deepEqual(TracingConfig, { Mode: 'Active' });
    assert.equal((LoggingConfig as { readonly SystemLogLevel: string }).SystemLogLevel, 'INFO');
  }
});

test('the function that asks registries says who runs it', () => {
  const userAgent = '(web team; ops@example.com)';
  const named = synthesize({ userAgent }).properties('FunctionsReconcileFunction');
  assert.partialDeepStrictEqual(named, { Environment: { Variables: { LANDFALL_USER_AGENT: userAgent } } });
  assert.throws(() => synthesize({ userAgent: 'a\r\nb' }), /LANDFALL_USER_AGENT/);
});

test('reconcile and poll are told what every source has to meet; what is wrong with it is told at synth', () => {
  const pem = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  }).publicKey;
  const of = (keys: readonly ({ readonly pem: string } | { readonly file: string })[]) => ({
    policies: [
      { name: 'all', verify: { provider: 'cosign' as const, keys: [...keys], transparencyLog: false } },
    ],
  });
  const told = synthesize(of([{ pem }]));
  const Variables = { LANDFALL_POLICIES: JSON.stringify(of([{ pem }])) };
  for (const name of ['FunctionsReconcileFunction', 'FunctionsPollFunction'])
    assert.partialDeepStrictEqual(told.properties(name), { Environment: { Variables } });
  assert.throws(() => synthesize(of([{ file: 'a.pub' }])), /a function has no files of yours/);
  assert.throws(() => synthesize(of([{ pem: 'none' }])), /no key in PEM/);
  assert.throws(() => synthesize(of(Array.from({ length: 16 }, () => ({ pem })))), /a function is told 3000/);
});

test('the public endpoint answers anybody, at a bounded rate', () => {
  assert.equal(functions.get('FunctionsReceiveFunction')?.['ReservedConcurrentExecutions'], 10);
  const unreserved = synthesize({ receiveConcurrency: 0, endpoint: 'url' }).properties(
    'FunctionsReceiveFunction',
  );
  assert.equal(unreserved['ReservedConcurrentExecutions'], undefined);
  assert.deepEqual(template.properties('FunctionsReceiveFunctionFunctionUrl'), {
    AuthType: 'NONE',
    InvokeMode: 'BUFFERED',
    TargetFunctionArn: '<FunctionsReceiveFunction.Arn>',
  });
});

test('and by its URL only: both permissions that AWS wants, and no third', () => {
  const open = [...template.ofType('AWS::Lambda::Permission').values()]
    .map(({ Properties }) => readable(Properties) as Json)
    .filter(({ Principal }) => Principal === '*');
  assert.deepEqual(open, [
    {
      Action: 'lambda:InvokeFunctionUrl',
      FunctionName: '<FunctionsReceiveFunction.Arn>',
      FunctionUrlAuthType: 'NONE',
      Principal: '*',
    },
    {
      Action: 'lambda:InvokeFunction',
      FunctionName: '<FunctionsReceiveFunction.Arn>',
      InvokedViaFunctionUrl: true,
      Principal: '*',
    },
  ]);
});
