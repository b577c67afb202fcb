import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '../../../shared/oci/digest.ts';
import { describeRoot, readTrustedRoot } from '../../../shared/verify/cosign/trusted-root.ts';
import { OURS } from '../keyless-scene.ts';

const { root } = OURS;
const [LOG] = root.tlogs;
const textOf = (more: object = {}): string => JSON.stringify({ ...root, ...more });
const rootOf = (text: string) => ({ text, where: 'a', digest: digestOf(text) });
const since = (start?: string) => ({ ...LOG, publicKey: { ...LOG?.publicKey, validFor: { start } } });

test('a root that was read is kept until eight others were', () => {
  const before = readTrustedRoot(textOf({ more: 0 }), 'a');
  for (let at = 1; at < 8; at += 1) readTrustedRoot(textOf({ more: at }), 'a');
  assert.equal(readTrustedRoot(textOf({ more: 0 }), 'a'), before);
  readTrustedRoot(textOf({ more: 8 }), 'a');
  assert.notEqual(readTrustedRoot(textOf({ more: 0 }), 'a'), before);
});

const REFUSED: readonly (readonly [what: string, text: string, why: RegExp])[] = [
  ['no JSON', 'none', /of a.json is no JSON object/],
  ['a list', '[]', /of a.json is no JSON object/],
  ['of no type', textOf({ mediaType: undefined }), /has the mediaType/],
  ['of a type that is a list', textOf({ mediaType: [root.mediaType] }), /has the mediaType/],
  ['of a type that only holds it', textOf({ mediaType: `x${root.mediaType}` }), /has the mediaType/],
  ['of a log that is none', textOf({ tlogs: [{}] }), /cannot be read/],
  ['of a log that does not say since when', textOf({ tlogs: [LOG, since()] }), /cannot be read/],
  ['of a log of certificates that does not', textOf({ ctlogs: [since()] }), /cannot be read/],
];
for (const [what, text, why] of REFUSED)
  test(`a trusted root that is ${what} is refused`, () => {
    assert.throws(() => readTrustedRoot(text, 'a.json'), { code: 'CONFIG_INVALID', message: why });
  });

test('a root is told by where it is from and by its newest log, one that is refreshed by where alone', async () => {
  const tlogs = ['2024-03-01', '2026-02-01', '2025-01-01'].map((day) => since(`${day}T10:00:00Z`));
  const [many, one, none] = [textOf({ tlogs }), textOf({ tlogs: tlogs.slice(0, 1) }), textOf({ tlogs: [] })];
  assert.equal(describeRoot(rootOf(many)), 'a, newest log of 2026-02-01, with no end of its own');
  assert.equal(describeRoot(rootOf(one)), 'a, newest log of 2024-03-01, with no end of its own');
  assert.equal(describeRoot(rootOf(none)), 'a, with no end of its own');
  const newest = async () => rootOf(one);
  assert.equal(describeRoot({ ...rootOf(many), newest }), 'a');
});
