import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KNOWN_HOSTS, type PaceRule, paceRuleOf } from '../../shared/registry/manners/pace-rule.ts';
import { readPage, rowsOf, sectionOf } from './markdown.ts';

const PUBLIC = { plainHttp: false, insecureSkipTlsVerify: false, local: false };
const ruleOf = (hostname: string, local = false): PaceRule => {
  const hop = { origin: `https://${hostname}`, hostname, secure: true, path: '/' };
  return paceRuleOf(hop, { ...PUBLIC, local }, true);
};

test('the page tells how hard each host is pressed', () => {
  const rows = rowsOf(sectionOf(readPage('docs/manners.md'), 'How hard it presses') ?? []);
  const told = rows.map(([host = '']) => host).filter((host) => host.includes('.'));
  assert.deepEqual(told.sort(), Object.keys(KNOWN_HOSTS).sort());
  for (const [host = '', concurrency, perMinute] of rows) {
    const rule = ruleOf(host.includes('.') ? host : 'registry.example', host === 'your own');
    const wanted = Number.isFinite(rule.requestsPerMinute) ? String(rule.requestsPerMinute) : 'unbounded';
    assert.deepEqual([concurrency, perMinute], [String(rule.concurrency), wanted], host);
  }
});
