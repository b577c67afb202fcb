import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bandOf, fatalOf, packetsOf, saidBeside } from '../../../shared/deploy/git/git-packets.ts';
import { GIT_PACKETS, GIT_REMOTE_CHARACTERS } from '../../../shared/limits.ts';

const packet = (text: string): string => (text.length + 4).toString(16).padStart(4, '0') + text;
const read = (text: string) => packetsOf(Buffer.from(text, 'latin1'));

for (const [name, text, count] of [
  ['nothing', '', 0],
  ['a line', packet('x'), 1],
  ['an empty line', '0004', 1],
  ['marks that end or part what is sent', '000000010002', 0],
  ['a length of none', '0003', undefined],
  ['a length that is no number', 'x004', undefined],
  ['a length with a sign', '+004', undefined],
  ['less than its length', '0006x', undefined],
  ['a head that is cut off', '000', undefined],
  ['as many lines as are read', '0004'.repeat(GIT_PACKETS), GIT_PACKETS],
  ['a line more', '0004'.repeat(GIT_PACKETS + 1), undefined],
] as const)
  test(`${name} comes to ${count ?? 'no'} lines`, () => {
    assert.equal(read(text)?.length, count);
  });

test('bands are read apart, and what is said to people is the last of it', () => {
  const long = 'y'.repeat(GIT_REMOTE_CHARACTERS);
  const packets =
    read(['NAK\n', '\x01PA', `\x02x\r${long}`, '\x01CK'].map(packet).join('')) ?? assert.fail('none');
  assert.equal(Buffer.from(bandOf(packets, 'pack')).toString(), 'PACK');
  assert.equal(saidBeside(packets), long);
  assert.equal(fatalOf(packets), undefined);
});

for (const [name, lines, expected] of [
  ['on its band', ['\x03no ', '\x03more'], 'no more'],
  ['as a line', ['ERR access denied'], 'access denied'],
] as const)
  test(`that it gives up is read ${name}`, () => {
    assert.equal(fatalOf(read(lines.map(packet).join('')) ?? []), expected);
  });
