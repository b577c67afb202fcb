import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { type CfnResource, Stack, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { temporaryFolderSync } from '../temporary-folder-sync.ts';
import { testApp } from './template.ts';
import { makeWholeStack } from './whole-stack.ts';

const ROOT = join(import.meta.dirname, '../../..');
const run = promisify(execFile);

/** `unshare -n` gives a process no network at all; not everybody may use it. */
const hasNoNetwork = spawnSync('unshare', ['-rn', 'true']).status === 0;
const PREFIX = hasNoNetwork ? ['unshare', '-rn'] : [];

interface Synthesis {
  readonly code: number;
  readonly output: string;
  readonly outdir: string;
}

/** `npx cdk synth` as a person calls it, with nothing of AWS in the environment. */
async function cdkSynth(...options: readonly string[]): Promise<Synthesis> {
  const outdir = temporaryFolderSync();
  const cdk = join(ROOT, 'node_modules/.bin/cdk');
  const [file = '', ...args] = [
    ...PREFIX,
    cdk,
    'synth',
    '--quiet',
    '--no-notices',
    '--output',
    outdir,
    ...options,
  ];
  const env = { PATH: process.env['PATH'], HOME: temporaryFolderSync(), CI: 'true' };
  try {
    const { stdout, stderr } = await run(file, args, { cwd: ROOT, env });
    return { code: 0, output: stdout + stderr, outdir };
  } catch (error) {
    const { code, stdout, stderr } = error as {
      readonly code: number;
      readonly stdout: string;
      readonly stderr: string;
    };
    return { code, output: stdout + stderr, outdir };
  }
}

test(`cdk synth needs no account${hasNoNetwork ? ' and no network' : ''}, and bundles what Node 24 loads`, async (t) => {
  if (!hasNoNetwork) t.diagnostic('unshare -rn is not allowed here: that no network is needed is not tested');
  const { code, output, outdir } = await cdkSynth('-c', 'documents=examples/aws/podinfo.yaml');
  assert.equal(code, 0, output);
  assert.doesNotMatch(output, /deprecated/, 'a warning on each synth');
  const { Resources } = JSON.parse(readFileSync(join(outdir, 'Landfall.template.json'), 'utf8')) as {
    readonly Resources: Readonly<Record<string, { readonly Type: string }>>;
  };
  const functions = Object.values(Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
  assert.equal(functions.length, 5);
  const bundles = readdirSync(outdir).filter((name) => existsSync(join(outdir, name, 'index.mjs')));
  assert.equal(bundles.length, 5);
  for (const bundle of bundles) {
    const { handler } = (await import(pathToFileURL(join(outdir, bundle, 'index.mjs')).href)) as {
      readonly handler: unknown;
    };
    assert.equal(typeof handler, 'function');
  }
});

test('a bad document ends cdk synth with its place and no template', async () => {
  const { code, output, outdir } = await cdkSynth('-c', 'documents=package.json');
  assert.notEqual(code, 0);
  assert.match(output, /package\.json:2:3: unknown key "name"/);
  assert.ok(!existsSync(join(outdir, 'Landfall.template.json')));
});

/** AwsSolutions with its findings written down before anybody's reasons are looked at. */
class RecordingChecks extends AwsSolutionsChecks {
  readonly findings: { readonly path: string; readonly rule: string }[] = [];

  constructor(scope: IConstruct) {
    super(scope);
    const findings = this.findings;
    // Private there: what it is asked is exactly each finding.
    Object.defineProperty(this, 'isAcknowledged', {
      value: (resource: CfnResource, rule: string) => {
        findings.push({ path: resource.node.path, rule });
        return true;
      },
    });
  }
}

interface Acknowledged {
  readonly path: string;
  readonly rule: string;
  readonly reason: string;
}

function acknowledgedIn(scope: IConstruct): readonly Acknowledged[] {
  return scope.node.findAll().flatMap(({ node }) =>
    node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) =>
        Object.entries(data as Readonly<Record<string, string>>).map(([rule, reason]) => ({
          path: node.path,
          rule: rule.replace(/^AwsSolutions::/, ''),
          reason,
        })),
      ),
  );
}

function fullStack(): { readonly stack: Stack; readonly checks: RecordingChecks } {
  const app = testApp();
  const stack = new Stack(app, 'Full');
  makeWholeStack(stack, { hasKey: true });
  const checks = new RecordingChecks(app);
  Validations.of(app).addPlugins(checks);
  app.synth();
  return { stack, checks };
}

test('each finding of AwsSolutions has its reason, and each reason its finding', () => {
  const { stack, checks } = fullStack();
  const acknowledged = acknowledgedIn(stack);
  assert.ok(checks.findings.length > 10, 'the rules ran');
  const covers = (
    reason: Acknowledged,
    { path, rule }: { readonly path: string; readonly rule: string },
  ): boolean => reason.rule === rule && (path === reason.path || path.startsWith(`${reason.path}/`));
  const unexplained = checks.findings.filter(
    (finding) => !acknowledged.some((reason) => covers(reason, finding)),
  );
  assert.deepEqual(unexplained, []);
  const stale = acknowledged.filter((reason) => !checks.findings.some((finding) => covers(reason, finding)));
  assert.deepEqual(stale, []);
  for (const { path, rule, reason } of acknowledged) {
    assert.ok(reason.length > 20, `${path} ${rule}: ${reason}`);
    assert.doesNotMatch(rule, /^AwsSolutions-IAM5$/, 'a wildcard is acknowledged one by one');
  }
});

test('a wildcard that nobody explains does not pass', async () => {
  const { acknowledgeWildcards } = await import('../../../infra/acknowledgements.ts');
  const stack = new Stack(testApp(), 'Any');
  assert.throws(
    () => acknowledgeWildcards(stack, ['arn:aws:s3:::b/*'], undefined),
    /no reason why arn:aws:s3:::b\/\*/,
  );
  assert.doesNotThrow(() => acknowledgeWildcards(stack, ['arn:aws:s3:::b/key'], undefined));
});
