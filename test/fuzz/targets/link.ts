import assert from 'node:assert/strict';
import { nextPage } from '../../../shared/registry/link.ts';
import { type FuzzTarget, taken } from '../engine/fuzz-target.ts';

const ASKED = '/v2/team/app/tags/list?n=1000';
const PATH = '/v2/team/app/tags/list';

/** A Link header: the next page is the path that was asked for at the host that was asked, and a page ends nowhere else. */
export const target: FuzzTarget = {
  name: 'link',
  seeds: [
    '</v2/team/app/tags/list?n=1000&last=1.0.0>; rel="next"',
    '<https://evil.example/v2/x/tags/list?last=a>; rel=next',
    '<?last=a>; title="a; rel=prev, b"; rel="prev next", </x?y>; rel=last',
    "</v2/x/tags/list?n=1&last=1.0.0>; rel='next'",
    '</v2/x/tags/list?n=1&last=1.0.0>',
  ],
  words: [
    '<',
    '>',
    ';',
    ',',
    '"',
    '\\',
    "'",
    'rel=',
    'rel="next"',
    'next',
    '?',
    '#',
    '//evil.example',
    '\\\\',
    '%0d%0a',
    ' ',
  ],
  judge: (input) => {
    const header = input.toString('latin1');
    const next = taken(() => nextPage(header, ASKED), 'LINK_DENIED');
    if (next === undefined) return false;
    assert.ok(next.startsWith(`${PATH}?`) && next.length > PATH.length + 1, next);
    // As it goes into a request: nothing in it ends a line, and no host is before it.
    assert.match(next, /^[\x21-\x7e]+$/);
    assert.equal(new URL(next, 'https://registry.example').host, 'registry.example');
    assert.equal(nextPage(`<${next}>; rel="next"`, ASKED), next);
    return true;
  },
  hostile: [
    ['64 KiB of links', () => Buffer.from('<?a>;rel=x,'.repeat(6_000))],
    ['64 KiB of open targets', () => Buffer.from('<'.repeat(65_536))],
    ['64 KiB of quotes', () => Buffer.from(`<?a>;rel="${'\\"'.repeat(32_000)}`)],
    ['64 KiB of blanks', () => Buffer.from(`<?a>;rel=${' '.repeat(65_000)}x`)],
  ],
};
