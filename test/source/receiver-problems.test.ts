import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLandfallError } from '../../shared/errors.ts';
import { parseDocuments } from '../../shared/source/document.ts';

const OIDC = 'type: oidc, audience: a, issuer: https://issuer.example';

const cases: readonly (readonly [what: string, options: string, message: RegExp])[] = [
  ['gar without an account', 'type: gar, audience: a', /serviceAccount/],
  [
    'an account that is no address',
    'type: gar, audience: a, serviceAccount: me',
    /wanted the e-mail address of a service account/,
  ],
  ['oidc without claims', OIDC, /claims/],
  [
    'oidc with no claim',
    `${OIDC}, claims: {}`,
    /wanted at least one claim that not everybody’s token matches/,
  ],
  [
    'oidc with claims that all match',
    `${OIDC}, claims: { sub: "**", ref: "*" }`,
    /wanted at least one claim/,
  ],
  ...[
    'iss: https://issuer.example',
    'aud: a, exp: "*1"',
    'ref: refs/heads/main, workflow: deploy, environment: production',
    'sub: "repo:*/*:ref:refs/heads/main"',
    'sub: "repo:**"',
    'sub: "project_path:**:ref_type:branch:ref:main"',
    'repository: "*/*"',
    'job_workflow_ref: "*/*/.github/workflows/*@refs/heads/main"',
  ].map(
    (claims) =>
      [
        `oidc with what a stranger’s token says, too (${claims})`,
        `${OIDC}, claims: { ${claims} }`,
        /wanted at least one claim that not everybody’s token matches/,
      ] as const,
  ),
  ['a claim that is no glob', `${OIDC}, claims: { sub: "[" }`, /claims\.sub: /],
  [
    'an issuer over http',
    `${OIDC.replace('https', 'http')}, claims: { a: b }`,
    /issuer: wanted an https URL/,
  ],
  ['an issuer with a query', `${OIDC}?x, claims: { a: b }`, /issuer: wanted an https URL/],
  [
    'an issuer with a user',
    `${OIDC.replace('//', '//u:p@')}, claims: { a: b }`,
    /issuer: wanted an https URL/,
  ],
  [
    'an issuer with a password alone',
    `${OIDC.replace('//', '//:p@')}, claims: { a: b }`,
    /issuer: wanted an https URL/,
  ],
  ['an audience of a type without', 'type: generic, audience: a', /audience/],
  [
    'a tenant by its name',
    'type: acr-event-grid, entra: { tenant: own.example, audience: a }',
    /wanted a UUID/,
  ],
];
for (const [what, options, message] of cases) {
  test(`refuses ${what}, naming where`, () => {
    const text = `receivers:\n  - { name: r, registry: r.example, secret: { env: A }, ${options} }\n`;
    assert.throws(
      () => parseDocuments([{ file: 'web.yaml', text }]),
      (error) => {
        assert.ok(isLandfallError(error));
        assert.equal(error.code, 'CONFIG_INVALID');
        assert.match(error.message, message);
        assert.match(error.message, /^web\.yaml:2:\d+: receivers\[0\]/);
        return true;
      },
    );
  });
}

for (const [what, options] of [
  ['a claim of text', `${OIDC}, claims: { repository: team/app }`],
  ['an issuer with a path', `${OIDC}/tenant/v2.0, claims: { sub: "a*" }`],
  ['a subject of one owner', `${OIDC}, claims: { sub: "repo:team/*:ref:refs/heads/main" }`],
  ['one claim that tells, and one that does not', `${OIDC}, claims: { ref: "**", sub: a }`],
] as const) {
  test(`takes ${what}`, () => {
    const text = `receivers: [{ name: r, registry: r.example, secret: { env: A }, ${options} }]`;
    assert.equal(parseDocuments([{ file: 'web.yaml', text }]).receivers.length, 1);
  });
}
