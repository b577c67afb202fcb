import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextPage, nextTarget } from '../../shared/registry/link.ts';
import { failure } from './scripted-registry.ts';

const TARGETS: readonly (readonly [string | undefined, string | undefined])[] = [
  [undefined, undefined],
  ['', undefined],
  ['</v2/a/tags/list?last=b>; rel="next"', '/v2/a/tags/list?last=b'],
  ['</x>; rel=next', '/x'],
  ["</x>; rel='next'", '/x'],
  ['</x>;rel="prev"', undefined],
  ['</p>; rel="prev", </n>; rel="next"', '/n'],
  ['</n?a=1,2>; title="a, b"; rel="last next"', '/n?a=1,2'],
  ['</n?a=1>; title="; rel=prev; "; rel="next"', '/n?a=1'],
  ['</n?a=1>; title="rel=\\"prev\\""; rel="next"', '/n?a=1'],
  ['</p?a=1>; title="rel=next"; rel="prev"', undefined],
  ['</x>; REL="Next"', '/x'],
  ['</x>; rel="next"; rel="prev"', '/x'],
  ['</x>; rel="prev"; rel="next"', undefined],
  ['< /x?a=1 > ; rel = "next" ; crossorigin', '/x?a=1'],
  [', </x?a=1>;; rel="next",', '/x?a=1'],
  ['</style.css>; rel=preload; as=style, </x?a=1>; rel=next', '/x?a=1'],
  // The one form without a relation that says where to go on (ggcr, oras-go).
  ['</v2/a/tags/list?n=1&last=1.0.0>', '/v2/a/tags/list?n=1&last=1.0.0'],
  ['</v2/a/tags/list?last=b>; rel=""', '/v2/a/tags/list?last=b'],
  ['</docs>', undefined],
  ['</a?last=1>, </b?last=2>', undefined],
  ['garbage, </x?a=1>; rel="next"', '/x?a=1'],
];

for (const [header, target] of TARGETS) {
  test(`next of ${header} is ${target}`, () => assert.equal(nextTarget(header), target));
}

const UNREADABLE = [
  '/x?last=b; rel="next"',
  'rel="next"; </x?last=b>',
  '</x?last=b; rel="next"',
  '</x?last=b>; rel="next',
  '<</x?last=b>>; rel="next"',
  '</x?last=b> rel="next"',
  '<>',
  'next',
];
for (const header of UNREADABLE) {
  test(`what cannot be read is not the end of a list: ${header}`, () =>
    assert.throws(() => nextTarget(header), failure('LINK_DENIED', /goes on/)));
}

const PATH = '/v2/virtual/team/app/tags/list';
const next = (target: string): string | undefined => nextPage(`<${target}>; rel="next"`, `${PATH}?n=1000`);

// Only the query counts: Nexus and Harbor behind a proxy write their inner host, scheme, port and path.
for (const target of [
  PATH,
  '',
  'list',
  `https://r.example:5000${PATH}`,
  `http://r.example:8080${PATH}`,
  `https://evil.example${PATH}`,
  `//evil.example${PATH}`,
  `https://user:pw@r.example${PATH}`,
  '/v2/team/app/tags/list',
  `/repository/docker${PATH}`,
  '/v2/other/app/manifests/../../tags/list',
  'http://[',
  'javascript:alert(1)',
]) {
  test(`of ${target}?last=x only the query is used`, () =>
    assert.equal(next(`${target}?last=x&n=5`), `${PATH}?last=x&n=5`));
}

for (const [query, wanted] of [
  ['next_page=a%2Fb%3D', 'next_page=a%2Fb%3D'],
  ['last=a b', 'last=a%20b'],
  ['last=\u00e9', 'last=%C3%A9'],
  ['last=a#b', 'last=a'],
  ['last=a?b', 'last=a?b'],
] as const) {
  test(`the query ${query} is asked as ${wanted}`, () =>
    assert.equal(next(`/x?${query}`), `${PATH}?${wanted}`));
}

for (const target of [
  '',
  PATH,
  `${PATH}?`,
  '/admin',
  '#?last=x',
  'javascript:alert(1)',
  'data:application/json,{}',
]) {
  test(`a next page ${JSON.stringify(target)} that says nothing is an error, not the end`, () =>
    assert.throws(() => next(target), failure('LINK_DENIED', /no query/)));
}

test('a refused link shows neither query nor more than its start', () => {
  const header = `<https://evil.example/x?token=secret>; rel="next${'a'.repeat(500)}`;
  assert.throws(
    () => nextTarget(header),
    (error: Error) => !error.message.includes('secret') && error.message.length < 400,
  );
});

test('a header made to be slow is read at once', () => {
  for (const header of [
    '<'.repeat(100_000),
    '<,'.repeat(50_000),
    `<a>${'; a='.repeat(50_000)}"`,
    '<a>,'.repeat(50_000),
  ]) {
    try {
      nextTarget(header);
    } catch {}
  }
});
