import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { App, Stack } from 'aws-cdk-lib';
import { anchorsOf, type Fence, PAGES, ROOT, readPage } from '../../docs/markdown.ts';
import { temporaryFolderSync } from '../temporary-folder-sync.ts';
import { templateOf, testApp } from './template.ts';

const run = promisify(execFile);
const ALARMS = new Set(anchorsOf(readPage('docs/aws.md')));

/** What the guides suppose a stack of the reader's to have. */
const GIVEN = `
import { App, Stack } from 'aws-cdk-lib';
import { AlarmRule, CompositeAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EcrEventForwarder } from 'landfall/cdk';
import { Landfall } from 'landfall/cdk';
import { FixedEgress } from 'landfall/cdk';
import { ReceivingBus } from 'landfall/cdk';
import { SiteDeploy } from 'landfall/cdk';
import { Subscription } from 'landfall/cdk';
export class Guide extends Stack {
  constructor(scope: App) {
    super(scope, 'Guide', { env: { account: '123456789012', region: 'eu-west-1' } });
    const landfall = new Landfall(this, 'There');
    const topic = new Topic(this, 'Topic');
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    const runtime = Runtime.NODEJS_24_X;
    const deployFunction = new Function(this, 'Deploy', { role, runtime, handler: 'a.b', code: Code.fromInline('a') });
    const bus = new EventBus(this, 'Bus0');
    const [bucket, site, books] = [new Bucket(this, 'A'), new Bucket(this, 'B'), new Bucket(this, 'C')];
    {
`;

interface Snippet extends Fence {
  readonly place: string;
  readonly file: string;
}

/** The reader's app: the checkout in landfall/, as docs/aws.md has it, documents in sources/, and a module a block. */
const folder = temporaryFolderSync();
symlinkSync(ROOT, join(folder, 'landfall'));
symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
mkdirSync(join(folder, 'sources'));
mkdirSync(join(folder, 'certificates'));
writeFileSync(
  join(folder, 'certificates/authority.pem'),
  '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n',
);
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
writeFileSync(join(folder, 'sources/a.yaml'), 'sources:\n  - { name: app, url: oci://r.example/app }\n');
process.chdir(folder);

const SNIPPETS: readonly Snippet[] = PAGES.flatMap((path) =>
  readPage(path)
    .fences.filter(({ info }) => info === 'ts')
    .map((fence) => {
      const place = `${path}:${fence.line}`;
      const file = join(folder, `${place.replace(/\W/g, '-')}.ts`);
      const [imports, body] = [true, false].map((isImport) =>
        fence.text
          .split('\n')
          .filter((line) => line.startsWith('import ') === isImport)
          .join('\n'),
      );
      for (const line of (imports ?? '').split('\n')) {
        assert.ok(GIVEN.includes(line), `${place}: ${line}`);
      }
      // What a package of it exports: check:package imports it from one.
      const given = GIVEN.replaceAll("'landfall/cdk'", "'./landfall/library/cdk.ts'");
      writeFileSync(file, `${given}${body}\n    }\n  }\n}\n`);
      return { ...fence, place, file };
    }),
);

test('what the guides show of TypeScript has the types of the constructs', async () => {
  assert.ok(SNIPPETS.length > 8);
  const compilerOptions = { noUnusedLocals: false, types: ['node'], typeRoots: ['node_modules/@types'] };
  const config = { extends: join(ROOT, 'tsconfig.json'), compilerOptions, include: ['*.ts'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const checked = run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder]);
  await checked.catch(({ stdout }: { readonly stdout: string }) => assert.fail(stdout));
});

for (const { place, file } of SNIPPETS) {
  test(`${place} is synthesized, and says of each of its alarms what to do`, async () => {
    const { Guide } = (await import(pathToFileURL(file).href)) as { readonly Guide: new (app: App) => Stack };
    for (const [name, { Properties }] of templateOf(new Guide(testApp())).ofType('AWS::CloudWatch::Alarm')) {
      const [, anchor = ''] = /docs\/aws\.md#([a-z]+)/.exec(String(Properties['AlarmDescription'])) ?? [];
      assert.ok(ALARMS.has(anchor), `${name}: ${anchor}`);
    }
  });
}
