import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LandfallError } from '../shared/errors.ts';
import { parseNumeric } from '../shared/event/pattern/numeric.ts';
import { parseGlob } from '../shared/glob/glob.ts';
import * as limits from '../shared/limits.ts';
import { DEFAULT_LIMITS } from '../shared/limits.ts';
import { MANIFEST_SHAPE } from '../shared/oci/json-shape.ts';
import { parseRepository } from '../shared/oci/reference.ts';
import { parseStrictJson } from '../shared/oci/strict-json.ts';
import { userAgentOf } from '../shared/registry/http/user-agent.ts';
import { parseRetryAfter } from '../shared/registry/manners/retry-after.ts';
import { parseVersion } from '../shared/resolve/version.ts';
import { parseDocuments } from '../shared/source/document.ts';
import { signedHeaders, standardSignature } from '../shared/trigger/receivers/auth/standard-webhook.ts';
import { UnpackBudget } from '../shared/unpack/budget.ts';

const source = (rest: string): unknown =>
  parseDocuments([{ file: 'a.yaml', text: `sources: [{ name: a, url: "oci://r.example/a", ${rest} }]` }]);
const credential = (rest: string): unknown =>
  parseDocuments([{ file: 'a.yaml', text: `credentials: [{ registry: r.example, ${rest} }]` }]);
const labels = (count: number): string => Array.from({ length: count }, (_, at) => `k${at}: v`).join(', ');
const nested = (depth: number): Buffer => Buffer.from(`${'['.repeat(depth)}${']'.repeat(depth)}`);

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
/** Whether the right signature is found as the last of so many. */
function isFoundAt(place: number): void {
  const delivery = { id: 'a', timestamp: 1_800_000_000, body: Buffer.from('{}') };
  const headers = signedHeaders(delivery, SECRET);
  const others = Array.from({ length: place - 1 }, () => 'v1,AAAA');
  const signature = [...others, headers['webhook-signature']].join(' ');
  const check = standardSignature(SECRET, { now: () => delivery.timestamp * 1000 });
  const isAuthentic = check({
    method: 'POST',
    path: '/',
    headers: { ...headers, 'webhook-signature': signature },
    body: delivery.body,
  });
  if (!isAuthentic) throw new LandfallError('WEBHOOK_UNAUTHENTICATED', 'not found');
}

function takeEntries(count: number): void {
  const budget = new UnpackBudget({ ...DEFAULT_LIMITS, files: 1 });
  for (let taken = 0; taken < count; taken += 1) budget.takeEntry();
}

/** What of so many is taken, and one more is not; with the code of its refusal. */
const MOST: readonly (readonly [
  what: string,
  most: number,
  take: (amount: number) => unknown,
  code: string,
])[] = [
  ['characters of a glob', limits.GLOB_CHARACTERS, (n) => parseGlob('a'.repeat(n)), 'CONFIG_INVALID'],
  ['labels of a source', limits.SOURCE_LABELS, (n) => source(`labels: { ${labels(n)} }`), 'CONFIG_INVALID'],
  [
    'bytes of ignore patterns of a source',
    limits.SOURCE_IGNORE_BYTES,
    // A comment, lest the patterns meet another limit.
    (n) => source(`ignore: "#${'a'.repeat(n - 1)}"`),
    'CONFIG_INVALID',
  ],
  [
    'revisions retained',
    limits.RETAINED_REVISIONS_MAX,
    (n) => source(`retain: { revisions: ${n} }`),
    'CONFIG_INVALID',
  ],
  [
    'requests at once',
    limits.REGISTRY_CONCURRENCY_MAX,
    (n) => credential(`concurrency: ${n}`),
    'CONFIG_INVALID',
  ],
  [
    'requests a minute',
    limits.REGISTRY_REQUESTS_PER_MINUTE_MAX,
    (n) => credential(`requestsPerMinute: ${n}`),
    'CONFIG_INVALID',
  ],
  [
    'characters of a repository',
    limits.REPOSITORY_CHARACTERS,
    (n) => parseRepository(`oci://r.example/${'a'.repeat(n)}`),
    'REFERENCE_INVALID',
  ],
  [
    'characters of a user agent',
    limits.USER_AGENT_CHARACTERS,
    (n) => userAgentOf('a'.repeat(n)),
    'CONFIG_INVALID',
  ],
  [
    'levels of a manifest',
    limits.JSON_DEPTH,
    (n) => parseStrictJson(nested(n), 'manifest', MANIFEST_SHAPE),
    'MANIFEST_INVALID',
  ],
  ['signatures in a header', limits.WEBHOOK_SIGNATURES, isFoundAt, 'WEBHOOK_UNAUTHENTICATED'],
  ['entries for each file', limits.ENTRIES_PER_FILE, takeEntries, 'TOO_MANY_FILES'],
];
for (const [what, most, take, code] of MOST)
  test(`${most} ${what} are taken, and one more is not`, () => {
    assert.doesNotThrow(() => take(most));
    assert.throws(() => take(most + 1), { code });
  });

test('a wrong number of Retry-After counts for a day and no more', () => {
  const seconds = limits.RETRY_AFTER_MS / 1000;
  assert.equal(parseRetryAfter(String(seconds - 1), 0), limits.RETRY_AFTER_MS - 1000);
  assert.equal(parseRetryAfter(String(seconds + 1), 0), limits.RETRY_AFTER_MS);
});

test('a number of an event pattern is one that EventBridge compares', () => {
  assert.notEqual(parseNumeric(['=', limits.PATTERN_NUMBER]), undefined);
  assert.equal(parseNumeric(['=', limits.PATTERN_NUMBER + 1]), undefined);
});

test('a text longer than a range is no version', () => {
  const version = (length: number): string => `1.2.3-${'a'.repeat(length - 6)}`;
  assert.notEqual(parseVersion(version(limits.RANGE_CHARACTERS)), undefined);
  assert.equal(parseVersion(version(limits.RANGE_CHARACTERS + 1)), undefined);
});
