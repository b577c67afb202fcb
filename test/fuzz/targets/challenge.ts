import assert from 'node:assert/strict';
import { CHALLENGE_CHARACTERS } from '../../../shared/limits.ts';
import { parseChallenges } from '../../../shared/registry/auth/challenge.ts';
import type { FuzzTarget } from '../engine/fuzz-target.ts';

const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** WWW-Authenticate: whatever it says is read, and reads the same where it is written as RFC 9110 wants it. */
export const target: FuzzTarget = {
  name: 'challenge',
  seeds: [
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/a:pull"',
    'Basic realm="a \\"quoted\\" realm", Bearer realm=https://r.example/token, service=x',
    'Negotiate YII=, NTLM',
    'Bearer error="insufficient_scope"',
  ],
  words: [
    'Bearer ',
    'Basic',
    'realm=',
    'service="',
    ',',
    '=',
    '"',
    '\\"',
    '\\',
    ' ',
    '\t',
    '__proto__=x',
    'YII=',
  ],
  judge: (input) => {
    const challenges = parseChallenges(input.toString('latin1'));
    const printed = challenges.map(({ scheme, params }) => {
      const pairs = Object.entries(params).map(([name, value]) => `${name}=${quoted(value)}`);
      return pairs.length === 0 ? scheme : `${scheme} ${pairs.join(', ')}`;
    });
    // What is longer than a challenge is cut, and may be longer where it is quoted.
    if (printed.every((text) => text.length <= CHALLENGE_CHARACTERS))
      assert.deepEqual(parseChallenges(printed), challenges);
    for (const { scheme } of challenges) assert.equal(scheme, scheme.toLowerCase());
    return challenges.length > 0;
  },
  hostile: [
    ['a megabyte of schemes', () => Buffer.from('a,'.repeat(500_000))],
    ['a megabyte of quotes', () => Buffer.from(`Bearer realm=${'"\\'.repeat(500_000)}`)],
    ['a megabyte of blanks', () => Buffer.from(`Bearer ${' '.repeat(1_000_000)}x`)],
    ['a megabyte of equals', () => Buffer.from(`Bearer ${'='.repeat(1_000_000)}`)],
  ],
};
