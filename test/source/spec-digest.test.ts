import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDocuments } from '../../shared/source/document.ts';
import { specDigest } from '../../shared/source/spec-digest.ts';

const digestOf = (rest: string): string => {
  const text = `sources: [{ name: a, url: oci://r.example/a, ${rest} }]`;
  const [source] = parseDocuments([{ file: 'a.yaml', text }]).sources;
  assert.ok(source);
  return specDigest(source);
};
const plain = digestOf('');

for (const rest of [
  'interval: 10m',
  'timeout: 2m',
  'labels: { tier: prod }',
  'suspend: true',
  'retain: { revisions: 3 }',
  'namespace: web',
  'layers: auto',
]) {
  test(`is the same with ${rest}`, () => assert.equal(digestOf(rest), plain));
}

for (const rest of [
  'ref: { tag: v1 }',
  'ref: { semver: "1.x" }',
  'unpack: { mode: archive }',
  'layers: all',
  'platform: linux/arm64',
  'links: materialize',
  'ignore: "*.md"',
  'limits: { files: 9 }',
]) {
  test(`differs with ${rest}`, () => assert.notEqual(digestOf(rest), plain));
}

test('does not depend on the order of keys or the spelling of a host', () => {
  assert.equal(
    digestOf('ref: { semver: "1.x", filter: "a" }'),
    digestOf('ref: { filter: "a", semver: "1.x" }'),
  );
  const spelled = (url: string): string => {
    const [source] = parseDocuments([
      { file: 'a.yaml', text: `sources: [{ name: a, url: "${url}" }]` },
    ]).sources;
    assert.ok(source);
    return specDigest(source);
  };
  assert.equal(spelled('oci://index.docker.io/library/nginx'), spelled('oci://docker.io/nginx'));
  assert.notEqual(spelled('oci://docker.io/nginx'), spelled('oci://docker.io/httpd'));
});

test('stays what it was, so that an upgrade lands nothing anew', () => {
  assert.match(plain, /^sha256:[0-9a-f]{64}$/);
  assert.equal(plain, 'sha256:2363a14df6d7cad85c519c8185e491bab56c7ad899cf82ccccf54e130710f910');
});
