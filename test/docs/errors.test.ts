import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exitCodeOf } from '../../cli/terminal/report-error.ts';
import { ERROR_CODES, type ErrorCode, kindOf, LandfallError } from '../../shared/errors.ts';
import { PAGES, readPage, rowsOf } from './markdown.ts';

const isCode = (text: string): text is ErrorCode => ERROR_CODES.some((code) => code === text);
const ROWS = rowsOf(readPage('docs/errors.md').prose);

test('every code is logged once, and no other', () => {
  assert.deepEqual(ROWS.map(([code]) => code).sort(), [...ERROR_CODES].sort());
});

test('every code has its kind, when it occurs and what to do', () => {
  for (const [code = '', kind, when, next] of ROWS) {
    assert.ok(isCode(code), code);
    assert.equal(kind, kindOf(code), code);
    assert.ok((when ?? '').length > 10 && (next ?? '').length > 5, code);
  }
});

test('the codes that end a command with 2 are marked', () => {
  const marked = readPage('docs/errors.md').prose.flatMap(
    (line) => /^\| `([A-Z_]+)` ² \|/.exec(line)?.[1] ?? [],
  );
  const wanted = ERROR_CODES.filter((code) => exitCodeOf(new LandfallError(code, 'x')) === 2);
  assert.deepEqual([...marked].sort(), [...wanted].sort());
});

/** Written like a code, and none of ours: variables, a setting of Gitea, and what EventBridge writes on its dead letters. */
const FOREIGN = new Set([
  'EX_TEMPFAIL',
  'LANDFALL_STORE',
  'GHCR_TOKEN',
  'NODE_EXTRA_CA_CERTS',
  'DOCKER_AUTH_CONFIG',
  'DOCKER_CONFIG',
  'HELM_CONFIG_HOME',
  'HELM_REGISTRY_CONFIG',
  'AWS_PROFILE',
  'AWS_REGION',
  'AWS_ACCESS_KEY_ID',
  'ERROR_CODE',
  'SDK_CLIENT_ERROR',
  'ALLOWED_HOST_LIST',
]);

test('no page names a code that there is not', () => {
  for (const path of PAGES) {
    const named = readPage(path).prose.flatMap((line) => [...line.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)]);
    const strange = named
      .map(([, code = '']) => code)
      .filter(
        (code) =>
          !isCode(code) &&
          !FOREIGN.has(code) &&
          !/^(?:LANDFALL|XDG|REGISTRY_AUTH|HTTPS?|NO|OTEL)_/.test(code) &&
          // What CloudFormation and CloudWatch say.
          !/^(?:CAPABILITY|CREATE|DELETE|INSUFFICIENT|ROLLBACK|UPDATE)_/.test(code),
      );
    assert.deepEqual(strange, [], path);
  }
});
