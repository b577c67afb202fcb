import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LandfallError } from '../../shared/errors.ts';
import { parsePolicies } from '../../shared/source/policy-document.ts';

const parse = (text: string) => parsePolicies([{ file: '/etc/landfall/policies.yaml', text }]);

test('policies of the installation are read with their globs, and with paths from the folder of the document', () => {
  const [policy] = parse(
    'policies: [{ name: all, repositories: ["ghcr.io/**"], verify: { provider: cosign, keys: [{ file: a.pub }] } }]',
  );
  assert.partialDeepStrictEqual(policy, {
    name: 'all',
    repositories: ['ghcr.io/**'],
    verify: { keys: [{ file: '/etc/landfall/a.pub' }], transparencyLog: true },
  });
});

const good = 'verify: { provider: cosign, keys: [{ file: a.pub }] }';
const refused: readonly (readonly [what: string, text: string, says: RegExp])[] = [
  ['nothing', '', /is empty/],
  ['no policy', 'policies: []', /at least 1/],
  ['a policy without verify', 'policies: [{ name: a }]', /verify: is required/],
  ['a typo', `policies: [{ name: a, source: [x], ${good} }]`, /unknown key "source"; did you mean "sources"/],
  [
    'a typo in verify',
    'policies: [{ name: a, verify: { provider: cosign, kees: [] } }]',
    /unknown key "kees"/,
  ],
  ['a glob that is none', `policies: [{ name: a, sources: ["["], ${good} }]`, /sources\[0\]/],
  ['globs of nothing', `policies: [{ name: a, sources: [], ${good} }]`, /at least 1/],
  ['a source document', 'sources: []', /unknown key "sources"/],
];
for (const [what, text, says] of refused) {
  test(`a document of policies with ${what} is refused whole, with file and line`, () => {
    assert.throws(
      () => parse(text),
      (error) => {
        assert.ok(error instanceof LandfallError);
        assert.match(error.message, says);
        assert.match(error.message, /^\/etc\/landfall\/policies.yaml:\d/);
        return true;
      },
    );
  });
}
