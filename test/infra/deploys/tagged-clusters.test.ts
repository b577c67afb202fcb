import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Stack } from 'aws-cdk-lib';
import { LayerVersion } from 'aws-cdk-lib/aws-lambda';
import type { LandfallProps } from '../../../infra/landfall-props.ts';
import { allowed } from '../rights/allowed.ts';
import { landfallIn, templateOf } from '../stack/template.ts';
import { temporaryFolderSync } from '../temporary-folder-sync.ts';

const SOURCES = 'sources: [{ name: site, namespace: web, url: "oci://ghcr.io/org/site" }]';
const BY_TAG =
  'kind: kubernetes, source: web/site, clusters: { tags: { env: prod }, regions: [eu-central-1, us-east-1] }';

function synthesized(deploys: readonly string[], props: Partial<LandfallProps> = {}) {
  const folder = temporaryFolderSync();
  writeFileSync(
    join(folder, 'web.yaml'),
    `${SOURCES}\ndeploys:\n${deploys.map((each) => `  - ${each}\n`).join('')}`,
  );
  const layer = LayerVersion.fromLayerVersionArn(new Stack(), 'K', 'arn:aws:lambda:eu-central-1:1:layer:k:1');
  return templateOf(landfallIn({ documents: [folder], kubectl: { layer }, ...props }).stack);
}

const statementsOf = (
  template: ReturnType<typeof synthesized>,
  action: string,
): readonly Record<string, unknown>[] =>
  [...template.ofType('AWS::IAM::Policy').values()]
    .flatMap(
      (properties) =>
        (properties.Properties['PolicyDocument'] as { Statement: Record<string, unknown>[] }).Statement,
    )
    .filter(({ Action }) => [Action].flat().includes(action));

describe('a deploy over clusters by their tags', () => {
  test('is one function, which may look tags up and reach the clusters that have them, and no other', () => {
    const template = synthesized([`{ name: apps, ${BY_TAG} }`]);
    const functions = [...template.ofType('AWS::Lambda::Function').keys()].filter((id) => /^Deploy/.test(id));
    assert.deepEqual(functions, ['DeployappsWorkerFunction']);
    const [describe, ...others] = statementsOf(template, 'eks:DescribeCluster');
    assert.equal(others.length, 0);
    assert.deepEqual(describe?.['Condition'], { StringEquals: { 'aws:ResourceTag/env': 'prod' } });
    assert.match(
      JSON.stringify(describe?.['Resource']),
      /eks:eu-central-1:.*cluster\/\*.*eks:us-east-1:.*cluster\/\*/,
    );
    const may = allowed(template, 'DeployappsWorkerFunction');
    assert.ok(may.includes('tag:GetResources *'), may.join('\n'));
  });

  test('that prunes may describe one that has lost its tags, and delete what it keeps of it', () => {
    const template = synthesized([`{ name: apps, ${BY_TAG}, prune: true }`]);
    const [describe] = statementsOf(template, 'eks:DescribeCluster');
    assert.equal(describe?.['Condition'], undefined);
    const may = allowed(template, 'DeployappsWorkerFunction');
    const ledgers = may.filter((each) => /^s3:(Get|Put|Delete)Object .*deploys\/apps/.test(each));
    assert.equal(ledgers.filter((each) => /deploys\/apps\.\*\/web\/site/.test(each)).length, ledgers.length);
    assert.ok(
      ledgers.some((each) => each.startsWith('s3:DeleteObject')),
      may.join('\n'),
    );
  });

  test('is woken by what its own clusters come to, so that the next wave begins at once', () => {
    const rules = JSON.stringify([...synthesized([`{ name: apps, ${BY_TAG} }`]).ofType('AWS::Events::Rule')]);
    assert.match(rules, /"deploy":\[\{"prefix":"apps\."\}\]/);
  });

  test('that does not prune may delete nothing it keeps, and with a role looks nothing up by itself', () => {
    const role = 'role: { arn: "arn:aws:iam::210987654321:role/landfall" }';
    const may = allowed(synthesized([`{ name: apps, ${BY_TAG}, ${role} }`]), 'DeployappsWorkerFunction');
    assert.deepEqual(
      may.filter(
        (each) => /^(eks|tag):|^s3:DeleteObject .*deploys\/apps\.\*\/web/.test(each) && !/locks/.test(each),
      ),
      [],
    );
    assert.ok(may.includes('sts:AssumeRole arn:aws:iam::210987654321:role/landfall'));
  });

  test('cannot be waited for by another deploy, which is refused with what to do', () => {
    const last = '{ name: last, kind: http, source: web/site, url: "https://x.example", dependsOn: [apps] }';
    assert.throws(() => synthesized([`{ name: apps, ${BY_TAG} }`, last]), {
      code: 'CONFIG_INVALID',
      message: /deploy last: depends on apps, whose clusters are found by their tags/,
    });
    const arn = 'arn:aws:iam::210987654321:role/landfall';
    const ofRoles = last.replace('}', `, role: { arn: "${arn}" } }`);
    assert.throws(() => synthesized([`{ name: apps, ${BY_TAG} }`, ofRoles], { deployRoles: [arn] }), {
      code: 'CONFIG_INVALID',
      message: /deploy last: depends on apps/,
    });
  });
});
