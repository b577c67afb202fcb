import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ociRepository, parse } from '../flux/flux-documents.ts';

/** As xunholy/k8s-gitops and many others write a HelmRelease: kubernetes/apps/base/home-system/autobrr/app/helmrelease.yaml */
const release = (values: string): string => `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: { name: &app autobrr, namespace: web }
spec:
  interval: 30m
  chartRef: { kind: OCIRepository, name: podinfo }
  values:
${values}
`;
const read = (values: string) => parse(ociRepository(''), release(values)).deploys[0]?.settings['values'];

test('a key that is an alias of a text is that text, and a number is its digits', () => {
  assert.deepEqual(read('    controllers:\n      *app :\n        a: 1\n      8080: b'), {
    controllers: { autobrr: { a: 1 }, '8080': 'b' },
  });
});

test('a problem behind such a key is told where it stands', () => {
  const text = 'x: &list sources\n*list :\n  - { name: A, url: oci://r.example/a }\n';
  assert.throws(() => parse(text), { message: /a\.yaml:3:13: sources\[0\]\.name: / });
});

const REFUSED: readonly (readonly [what: string, values: string, why: RegExp])[] = [
  ['an alias of a map', '    m: &m { a: 1 }\n    *m : b', /a key is a map or a list/],
  ['an alias of a list', '    m: &m [a]\n    *m : b', /a key is a map or a list/],
  ['a map', '    { a: 1 }: b', /a key is a map or a list/],
  ['an alias that says a key once more', '    autobrr: 1\n    *app : 2', /Map keys must be unique/],
  ['two aliases of one text', '    *app : 1\n    *app : 2', /Map keys must be unique/],
  ['an alias of a prototype key', '    m: &m __proto__\n    *m : { a: 1 }', /"__proto__" is not allowed/],
  ['a prototype key itself', '    __proto__: { a: 1 }', /"__proto__" is not allowed/],
];
for (const [what, values, why] of REFUSED)
  test(`refuses as a key ${what}`, () =>
    assert.throws(() => read(values), { code: 'CONFIG_INVALID', message: why }));
