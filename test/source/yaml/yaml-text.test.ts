import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { yamlText } from '../../../shared/source/file/yaml-text.ts';

/** Texts whose last lines are part of them. */
const DOCUMENTS = [
  { script: 'a\n' },
  { script: 'a\n\n' },
  { script: 'a\n  \n' },
  { script: '\n' },
  ['a\n\n\n'],
  'a\n \n',
  { script: 'a' },
  { script: '  ' },
  // What no block can hold is quoted.
  { script: 'echo \u0000 that is long enough for several lines\n \nb' },
  // Escaped, a key is too long to stand on a line with its value.
  { [`${'\u007fa'.repeat(200)}`]: 1 },
  { script: '\\u007f \ue000u007f \u009b\ud83d \u{e0001}' },
  { script: '\u0007 that is long enough for several lines, too\n  \n \n' },
];

for (const document of DOCUMENTS)
  test(`what is printed as YAML is read as it was: ${JSON.stringify(document)}`, () =>
    assert.deepEqual(parse(`${yamlText(document)}\n`), document));
