import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../flux/flux-documents.ts';

test('fills merge keys in: a key of the map itself counts, then the first map that has it', () => {
  const { sources } = parse(`
sources:
  - &a { name: a, url: oci://r.example/a, interval: 1m, labels: { tier: prod } }
  - &b { <<: *a, name: b, interval: 2m }
  - { name: c, <<: [{ interval: 3m }, *b], suspend: true }
`);
  assert.deepEqual(
    sources.map(({ name, intervalMs, suspend, labels }) => [name, intervalMs, suspend, labels]),
    [
      ['a', 60_000, false, { tier: 'prod' }],
      ['b', 120_000, false, { tier: 'prod' }],
      ['c', 180_000, true, { tier: 'prod' }],
    ],
  );
});

test('fills them in in a document of Flux, as kubectl does', () => {
  const { sources } = parse(`
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: { name: a, namespace: web }
spec: { <<: { interval: 4m, suspend: true }, url: oci://r.example/a }
`);
  assert.deepEqual([sources[0]?.intervalMs, sources[0]?.suspend], [240_000, true]);
});

const source = (rest: string): string => `sources:\n  - name: a\n    url: oci://r.example/a\n    ${rest}\n`;
const REFUSED: readonly (readonly [what: string, text: string, why: RegExp])[] = [
  ['a merge of what is no map', source('<<: [{ suspend: true }, 5]'), /a\.yaml:4:5: .*unknown key "<<"/],
  [
    'a problem in what is merged',
    source('<<: { suspend: 1 }'),
    /a\.yaml:\d+:\d+: sources\[0\]\.suspend: wanted true or false/,
  ],
  [
    'a prototype key that is merged',
    source('<<: { __proto__: 1 }'),
    /a\.yaml:4:11: key "__proto__" is not allowed/,
  ],
  ['a merge of itself', 'sources: [&a { name: a, <<: *a }]', /an alias stands inside of what it stands for/],
  [
    'an alias inside of what it stands for',
    'sources: &s [{ name: a, labels: *s }]',
    /inside of what it stands for/,
  ],
  ['an alias before its anchor', 'sources: *s\nx: &s []', /a\.yaml:1:10: an alias has no anchor/],
];
for (const [what, text, why] of REFUSED)
  test(`refuses ${what}`, () => assert.throws(() => parse(text), { code: 'CONFIG_INVALID', message: why }));
