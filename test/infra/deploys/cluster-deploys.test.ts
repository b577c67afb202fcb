import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { LayerVersion } from 'aws-cdk-lib/aws-lambda';
import { allowed } from '../rights/allowed.ts';
import { landfallIn, type SynthesizedTemplate, templateOf } from '../stack/template.ts';
import { temporaryFolderSync } from '../temporary-folder-sync.ts';

const SOURCES = 'sources: [{ name: site, namespace: web, url: "oci://ghcr.io/org/site" }]';

const own = (template: SynthesizedTemplate, name: string): readonly string[] =>
  allowed(template, `Deploy${name}WorkerFunction`).filter((each) => !/^(s3|sqs|logs|events):/.test(each));

describe('deploys of the documents of an app into clusters', () => {
  for (const kind of ['kubernetes', 'helm'])
    test(`into one (${kind}) get kubectl and helm by the layer that is given, and are left out without`, () => {
      const folder = temporaryFolderSync();
      const entry = `{ name: apps, kind: ${kind}, source: web/site, eks: prod }`;
      writeFileSync(join(folder, 'web.yaml'), `${SOURCES}\ndeploys: [${entry}]`);
      const stack = new Stack();
      const layer = LayerVersion.fromLayerVersionArn(
        stack,
        'Kubectl',
        'arn:aws:lambda:eu-central-1:123456789012:layer:kubectl:1',
      );
      const template = templateOf(landfallIn({ documents: [folder], kubectl: { layer } }).stack);
      assert.partialDeepStrictEqual(template.properties('DeployappsWorkerFunction'), {
        Architectures: ['x86_64'],
        Layers: ['arn:aws:lambda:eu-central-1:123456789012:layer:kubectl:1'],
      });
      assert.deepEqual(own(template, 'apps').filter((each) => each.startsWith('eks:')).length, 1);
      const without = templateOf(landfallIn({ documents: [folder] }).stack);
      assert.deepEqual(
        [...without.ofType('AWS::Lambda::Function').keys()].filter((id) => /^Deploy/.test(id)),
        [],
      );
    });

  test('into one that nobody names are left out, with a warning', () => {
    const folder = temporaryFolderSync();
    writeFileSync(
      join(folder, 'web.yaml'),
      `${SOURCES}\ndeploys: [{ name: apps, kind: kubernetes, source: web/site }]`,
    );
    const layer = LayerVersion.fromLayerVersionArn(
      new Stack(),
      'K',
      'arn:aws:lambda:eu-central-1:1:layer:k:1',
    );
    const { stack } = landfallIn({ documents: [folder], kubectl: { layer } });
    const functions = [...templateOf(stack).ofType('AWS::Lambda::Function').keys()];
    assert.deepEqual(
      functions.filter((id) => /^Deploy/.test(id)),
      [],
    );
    Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('deploy apps: names no cluster'));
  });

  test('into several are one each, in their order, and may look at the image that they use', () => {
    const folder = temporaryFolderSync();
    const sources = `${SOURCES.slice(0, -1)}, { name: image, namespace: web, url: "oci://ghcr.io/org/image", unpack: { mode: none } }]`;
    const entry =
      '{ name: apps, kind: kubernetes, source: web/site, images: [{ name: app, source: web/image }], clusters: [{ name: one, eks: eu }, { name: two, eks: us, region: us-east-1 }] }';
    writeFileSync(join(folder, 'web.yaml'), `${sources}\ndeploys: [${entry}]`);
    const layer = LayerVersion.fromLayerVersionArn(
      new Stack(),
      'K',
      'arn:aws:lambda:eu-central-1:1:layer:k:1',
    );
    const template = templateOf(landfallIn({ documents: [folder], kubectl: { layer } }).stack);
    const eks = (id: string) => own(template, id).filter((each) => each.startsWith('eks:'));
    assert.match(eks('appsone')[0] ?? '', /^eks:DescribeCluster .*:cluster\/eu$/);
    assert.match(eks('appstwo')[0] ?? '', /^eks:DescribeCluster .*us-east-1.*:cluster\/us$/);
    const statuses = allowed(template, 'DeployappsoneWorkerFunction').filter((each) =>
      each.includes('sources/web/image/status.json'),
    );
    assert.equal(statuses.length, 1);
    const patterns = (id: string): string =>
      JSON.stringify([...template.ofType('AWS::Events::Rule')].filter(([key]) => key.startsWith(id)));
    assert.match(patterns('Deployappsone'), /"detail":\{"namespace":\["web"\],"name":\["image"\]\}/);
    assert.match(patterns('Deployappstwo'), /"deploy":\["apps\.one"\]/);
    assert.doesNotMatch(patterns('Deployappsone'), /"deploy":/);
  });
});
