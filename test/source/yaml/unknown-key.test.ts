import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../flux/flux-documents.ts';

const source = (rest: string): string => `sources: [{ name: a, url: "oci://r.example/a", ${rest} }]`;

for (const [what, text, message] of [
  [
    'of another list says which',
    source('plainHttp: true'),
    /unknown key "plainHttp"; entries of credentials have it; known here: name, /,
  ],
  [
    'deeper in an entry is known nowhere else',
    source('retain: { plainHttp: true }'),
    /unknown key "plainHttp"; known here: revisions$/,
  ],
  ['near to one of its own is that one', source('suspended: true'), /did you mean "suspend"\?$/],
] as const) {
  test(`a key ${what}`, () => {
    assert.throws(() => parse(text), { code: 'CONFIG_INVALID', message });
  });
}
