import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { DEPLOY_KINDS } from '../../../shared/deploy/kinds/deploy-kinds.ts';
import { allowed } from '../rights/allowed.ts';
import { landfallIn, type SynthesizedTemplate, templateOf } from '../stack/template.ts';
import { temporaryFolderSync } from '../temporary-folder-sync.ts';

const SOURCES = 'sources: [{ name: site, namespace: web, url: "oci://ghcr.io/org/site" }]';
const FAR = `{ name: far, kind: stack, source: web/site, stack: far, template: t.yaml, executionRole: "arn:aws:iam::123456789012:role/execution",
      role: { arn: "arn:aws:iam::210987654321:role/landfall", externalId: team-a } }`;
const HTTP = '{ name: tell, kind: http, source: web/site, url: "https://hooks.example/a" }';

function synthesized(deploys: readonly string[], deployRoles: readonly string[]): SynthesizedTemplate {
  const folder = temporaryFolderSync();
  writeFileSync(
    join(folder, 'web.yaml'),
    `${SOURCES}\ndeploys:\n${deploys.map((each) => `  - ${each}\n`).join('')}`,
  );
  return templateOf(landfallIn({ documents: [folder], deployRoles }).stack);
}

describe('deploys of documents that name a role', () => {
  const roles = ['arn:aws:iam::210987654321:role/landfall*'];

  test('are done by one function, which may assume the roles that the operator says and read documents as they are', () => {
    const template = synthesized([FAR, HTTP], roles);
    const functions = [...template.ofType('AWS::Lambda::Function').keys()].filter((id) => /Deploy/.test(id));
    assert.deepEqual(functions.toSorted(), ['DeploytellWorkerFunction', 'RoleDeploysFunction']);
    const may = allowed(template, 'RoleDeploysFunction');
    assert.deepEqual(
      may.filter((each) => /^(sts|iam|cloudformation|lambda|ecs):/.test(each)),
      ['sts:AssumeRole arn:aws:iam::210987654321:role/landfall*'],
    );
    assert.ok(
      may.some((each) => /^s3:GetObject .*config\/\S*json/.test(each)),
      may.join('\n'),
    );
    const rules = JSON.stringify(template.properties('RoleDeploysSubscriptionRule'));
    assert.match(rules, /Artifact Revision Changed.*Deploy Succeeded/);
  });

  test('are woken by the events of every kind of target, and when the documents have changed', () => {
    const template = synthesized([FAR], roles);
    const patterns = [...template.ofType('AWS::Events::Rule').keys()]
      .filter((id) => /^RoleDeploys(Wake|Documents)/.test(id))
      .map((id) => template.properties(id)['EventPattern']);
    const documents = {
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: { bucket: { name: ['<Store>'] }, object: { key: ['config/configuration.json'] } },
    };
    const events = Object.values(DEPLOY_KINDS).flatMap(({ definition }) => definition.events ?? []);
    assert.ok(events.length > 2);
    assert.equal(patterns.length, events.length + 1);
    for (const wanted of [documents, ...events])
      assert.ok(
        patterns.some((pattern) => isDeepStrictEqual(pattern, wanted)),
        JSON.stringify(wanted),
      );
  });

  test('that may not be assumed are refused when it is synthesized', () => {
    assert.throws(
      () => synthesized([FAR], ['arn:aws:iam::210987654321:role/other']),
      /deploy far: role arn:aws:iam::210987654321:role\/landfall is none of deployRoles/,
    );
  });
});
