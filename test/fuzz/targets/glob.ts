import assert from 'node:assert/strict';
import { matchesGlob, parseGlob } from '../../../shared/glob/glob.ts';
import { type FuzzTarget, taken } from '../engine/fuzz-target.ts';

const CANDIDATES = ['', 'a', 'team/app', 'team/a/b/c/d/e', 'a'.repeat(200), 'É/é'];

/** Globs over repositories: what is taken answers for any name, and one written by escapes alone matches its own text. */
export const target: FuzzTarget = {
  name: 'glob',
  seeds: ['team/*', '**', 'team/{app,api}-[a-z0-9]', 'a?c/[!x]', '\\*\\{', '{a,{b,c}}/**/d'],
  words: ['**', '*', '?', '[', ']', '[!', '{', '}', ',', '\\', '/', '-', 'a'],
  judge: (input) => {
    const text = input.toString();
    const literal = text.replace(/[\\*?[\]{},!/-]/g, '\\$&');
    const escaped = taken(() => parseGlob(literal), 'CONFIG_INVALID');
    if (escaped !== undefined) assert.ok(escaped.matches(text), JSON.stringify(literal));
    const glob = taken(() => parseGlob(text), 'CONFIG_INVALID');
    if (glob === undefined) return false;
    for (const candidate of [...CANDIDATES, text]) {
      const matches = glob.matches(candidate);
      assert.equal(matches, matchesGlob(text, candidate));
      assert.equal(matches, glob.matches(candidate), 'asked twice');
    }
    return true;
  },
  hostile: [
    ['200 stars against what matches none', () => Buffer.from(`${'*a'.repeat(100)}b`)],
    ['braces in braces', () => Buffer.from('{a,'.repeat(50) + '}'.repeat(50))],
    ['products of braces', () => Buffer.from('{a,b,c,d}'.repeat(20))],
    ['a megabyte of stars', () => Buffer.from('*'.repeat(1_000_000))],
  ],
};
