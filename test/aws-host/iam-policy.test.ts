import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type AccessRequest, isAllowed, statementsOf } from '../support/template-host/iam-policy.ts';
import type { Json } from '../support/template-host/json.ts';

const REQUEST: AccessRequest = {
  principal: 'arn:aws:iam::123456789012:role/reconcile',
  action: 's3:PutObject',
  resource: 'arn:aws:s3:::store/artifacts/a.json',
  context: { 'aws:principalarn': 'arn:aws:iam::123456789012:role/reconcile', 's3:if-none-match': '*' },
};
const ALLOW: Json = { Effect: 'Allow', Action: 's3:*', Resource: '*' };
const deny = (statement: Json): readonly Json[] => [
  ALLOW,
  { Effect: 'Deny', Action: '*', Resource: '*', ...statement },
];

describe('policies', () => {
  const cases: readonly (readonly [what: string, statements: readonly Json[], allowed: boolean])[] = [
    ['nothing allows nothing', [], false],
    ['an action and a resource with *', [ALLOW], true],
    ['one action of a list', [{ ...ALLOW, Action: ['s3:GetObject', 's3:PutObject'] }], true],
    ['another action', [{ ...ALLOW, Action: 's3:GetObject' }], false],
    ['an action in other letters', [{ ...ALLOW, Action: 'S3:putobject' }], true],
    ['the objects under a prefix', [{ ...ALLOW, Resource: 'arn:aws:s3:::store/artifacts/*' }], true],
    ['the bucket without its objects', [{ ...ALLOW, Resource: 'arn:aws:s3:::store' }], false],
    ['? for one character', [{ ...ALLOW, Resource: 'arn:aws:s3:::store/artifacts/?.json' }], true],
    ['a dot is a dot', [{ ...ALLOW, Resource: 'arn:aws:s3:::store/artifacts/aXjson' }], false],
    ['a denial wins', deny({}), false],
    ['a denial of another principal', deny({ Principal: { AWS: 'arn:aws:iam::1:role/x' } }), true],
    ['a denial of everybody', deny({ Principal: { AWS: '*' } }), false],
    [
      'a denial but for this role',
      deny({ Condition: { ArnNotLike: { 'aws:PrincipalArn': [REQUEST.principal] } } }),
      true,
    ],
    [
      'a denial but for another role',
      deny({ Condition: { ArnNotLike: { 'aws:PrincipalArn': ['arn:aws:iam::*:role/collect'] } } }),
      false,
    ],
    ['a denial where a key is absent', deny({ Condition: { Null: { 's3:if-none-match': 'true' } } }), true],
    [
      'a denial where a key is present',
      deny({ Condition: { Null: { 's3:if-none-match': 'false' } } }),
      false,
    ],
    [
      'a condition on what is not there',
      deny({ Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      true,
    ],
    [
      'every condition has to hold',
      deny({ Condition: { Null: { 's3:if-none-match': 'false' }, Bool: { other: 'true' } } }),
      true,
    ],
    ['an allowance of a service', [{ ...ALLOW, Principal: { Service: 'events.amazonaws.com' } }], false],
  ];
  for (const [what, statements, allowed] of cases) {
    test(`${what}: ${allowed ? 'allowed' : 'refused'}`, () =>
      assert.equal(isAllowed(statements, REQUEST), allowed));
  }

  test('numbers are compared as numbers', () => {
    const statements = deny({ Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } } });
    const allowed = (version: string) =>
      isAllowed(statements, { ...REQUEST, context: { 's3:tlsversion': version } });
    assert.deepEqual([allowed('1.1'), allowed('1.2'), allowed('1.3')], [false, true, true]);
  });

  test('refuses to judge by what it does not know', () => {
    assert.throws(
      () => isAllowed([{ Effect: 'Allow', NotAction: 's3:*', Resource: '*' }], REQUEST),
      /NotAction/,
    );
    assert.throws(
      () => isAllowed(deny({ Condition: { IpAddress: { 'aws:SourceIp': '::/0' } } }), REQUEST),
      /IpAddress/,
    );
  });

  test('a document has one statement or a list', () => {
    assert.deepEqual(statementsOf({ Statement: ALLOW }), [ALLOW]);
    assert.deepEqual(statementsOf({ Statement: [ALLOW, ALLOW] }), [ALLOW, ALLOW]);
    assert.deepEqual(statementsOf(undefined), []);
  });
});
