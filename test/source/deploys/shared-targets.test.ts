import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../flux/flux-documents.ts';

const SOURCES = `sources:
  - { name: a, url: oci://r.example/a }
  - { name: b, url: oci://r.example/b }
`;
const deploys = (first: string, second: string): string =>
  `${SOURCES}deploys:\n  - { name: one, source: default/a, ${first} }\n  - { name: two, source: default/b, ${second} }\n`;

for (const other of ['/srv/www', '/srv/./www', '/srv/x/../www']) {
  test(`two deploys that would turn one link back and forth are refused: ${other}`, () => {
    const text = deploys('kind: directory, target: /srv/www', `kind: directory, target: ${other}`);
    assert.throws(() => parse(text), {
      code: 'CONFIG_INVALID',
      message: /deploys\[1\]: target: .* is the link of deploy one at a\.yaml:5:5: each needs its own/,
    });
  });
}

for (const [first, second] of [
  ['/srv/www', '/srv/www/docs'],
  ['/srv/www/docs/v1', '/srv/www'],
] as const) {
  test(`one below the link of another would be in the store, and is refused: ${second}`, () => {
    const text = deploys(`kind: directory, target: ${first}`, `kind: directory, target: ${second}`);
    assert.throws(() => parse(text), {
      code: 'CONFIG_INVALID',
      message:
        /deploys\[\d\]: target: \/srv\/www\/docs.* is below \/srv\/www, which is the link of deploy (?:one|two) at a\.yaml:[56]:5: it would lie among the files of its artifact/,
    });
  });
}

test('in two documents, too', () => {
  const one = `${SOURCES}deploys: [{ name: one, source: default/a, kind: directory, target: /srv/www }]`;
  const two = 'deploys: [{ name: two, source: default/b, kind: directory, target: /srv/www }]';
  assert.throws(() => parse(one, two), { message: /is the link of deploy one/ });
});

test('links of their own, and other kinds, are taken', () => {
  for (const text of [
    deploys('kind: directory, target: /srv/www', 'kind: directory, target: /srv/www2'),
    deploys('kind: command, command: [make]', 'kind: command, command: [make]'),
  ]) {
    assert.equal(parse(text).deploys.length, 2);
  }
});
