import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextPage, nextTarget } from '../../shared/registry/link.ts';
import { failure } from './scripted-registry.ts';

const TARGETS: readonly (readonly [string | undefined, string | undefined])[] = [
  [undefined, undefined],
  ['', undefined],
  ['</v2/a/tags/list?last=b>; rel="next"', '/v2/a/tags/list?last=b'],
  ['</x>; rel=next', '/x'],
  ['</x>;rel="prev"', undefined],
  ['</p>; rel="prev", </n>; rel="next"', '/n'],
  ['</n?a=1,2>; title="a, b"; rel="last next"', '/n?a=1,2'],
  ['</x>; REL="Next"', '/x'],
  ['/x; rel="next"', undefined],
  ['</x>', undefined],
];

for (const [header, target] of TARGETS) {
  test(`next of ${header} is ${target}`, () => assert.equal(nextTarget(header), target));
}

const ORIGIN = 'https://r.example:5000';
const ASKED = '/v2/virtual/team/app/tags/list?n=1000';
const PATH = '/v2/virtual/team/app/tags/list';
const next = (target: string): string | undefined =>
  nextPage(`<${target}>; rel="next"`, { origin: ORIGIN, asked: ASKED });

const FOLLOWED: readonly (readonly [string, string])[] = [
  [`${PATH}?n=1000&last=x`, `${PATH}?n=1000&last=x`],
  [`${ORIGIN}${PATH}?last=x`, `${PATH}?last=x`],
  ['?last=x', `${PATH}?last=x`],
  ['list?last=x', `${PATH}?last=x`],
  // Artifactory: without the virtual repository.
  ['/v2/team/app/tags/list?last=x', `${PATH}?last=x`],
  // Nexus: its own path first.
  [`/repository/docker${PATH}?last=x`, `${PATH}?last=x`],
  [`${PATH}?next_page=a%2Fb%3D`, `${PATH}?next_page=a%2Fb%3D`],
];
for (const [target, wanted] of FOLLOWED) {
  test(`follows ${target}`, () => assert.equal(next(target), wanted));
}

const DENIED = [
  'https://evil.example/v2/virtual/team/app/tags/list?last=x',
  '//evil.example/v2/virtual/team/app/tags/list',
  `http://r.example:5000${PATH}`,
  `https://r.example${PATH}`,
  `https://user:pw@r.example:5000${PATH}`,
  '/v2/other/app/tags/list?last=x',
  '/v2/virtual/team/app/manifests/latest',
  '/v2/am/app/tags/list',
  '/admin?last=x',
  'http://[',
  'javascript:alert(1)',
];
for (const target of DENIED) {
  test(`refuses ${target}`, () => assert.throws(() => next(target), failure('LINK_DENIED')));
}

test('a refused link shows neither query nor more than its start', () => {
  const target = `https://evil.example/x?token=secret-${'a'.repeat(500)}`;
  assert.throws(
    () => next(target),
    (error: Error) => !error.message.includes('secret'),
  );
});

test('a header made to be slow is read at once', () => {
  nextTarget('<'.repeat(100_000));
  nextTarget(`<a>${'; a='.repeat(50_000)}`);
});
