import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMeantBy } from '../../shared/deploy/ledger/decide.ts';
import type { Revision } from '../../shared/model/status.ts';

const HEX = `1a2b3c4d5e6f${'0'.repeat(52)}`;

const revision = {
  tag: '1.4.0',
  digest: `sha256:${HEX}`,
  revision: `1.4.0@sha256:${HEX}`,
} as Revision;

const told: readonly (readonly [text: string, isMeant: boolean])[] = [
  ['1.4.0', true],
  [`1.4.0@sha256:${HEX}`, true],
  [`sha256:${HEX}`, true],
  [HEX, true],
  ['1a2b3c4', true],
  ['1A2B3C4', true],
  ['sha256:1a2b3c4d5e6f', true],
  // As `get deploys` shows it.
  ['1.4.0@sha256:1a2b3c4d5e6f…', true],
  ['1a2b3c', false],
  ['1', false],
  ['1.4', false],
  ['1.5.0@sha256:1a2b3c4d5e6f…', false],
  ['1.4.0@sha256:2a2b3c4d5e6f…', false],
  ['…', false],
  ['', false],
];

for (const [text, isMeant] of told)
  test(`a person who says ${JSON.stringify(text.slice(0, 40))} ${isMeant ? 'means' : 'does not mean'} the revision`, () => {
    assert.equal(isMeantBy(text, revision), isMeant);
  });
