import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import type { LandfallError } from '../../shared/errors.ts';
import { BLOB_RESUMES } from '../../shared/limits.ts';
import type { Descriptor } from '../../shared/oci/descriptor.ts';
import { digestOf } from '../../shared/oci/digest.ts';
import { failure, type Script, startClient, startScripted } from './scripted-registry.ts';

const CONTENT = randomBytes(300_000);
const BLOB: Descriptor = {
  mediaType: 'application/octet-stream',
  digest: digestOf(CONTENT),
  size: CONTENT.length,
};
const CUT = 100_000;

/** Answers with bytes from `start`, and ends the connection before `end`. */
function cutAt(response: ServerResponse, status: number, [start, end]: readonly [number, number]): void {
  response.writeHead(status, {
    'content-length': CONTENT.length - start,
    ...(status === 206 && { 'content-range': `bytes ${start}-${CONTENT.length - 1}/${CONTENT.length}` }),
  });
  response.write(CONTENT.subarray(start, end), () => response.destroy());
}
const whole = (response: ServerResponse, start: number, headers: Record<string, string>): void =>
  void response.writeHead(206, headers).end(CONTENT.subarray(start));

/** The first answer is cut; what comes of the blob by what the registry makes of the question for the rest. */
async function pull(t: TestContext, rest: Script, first: Script = (_, r) => cutAt(r, 200, [0, CUT])) {
  const registry = await startScripted(t, (seen, response, count) =>
    (count === 1 ? first : rest)(seen, response, count),
  );
  const stream = await startClient(t).blob(registry.repository, BLOB);
  const outcome = await buffer(stream).then<string, string>(
    (bytes) => (bytes.equals(CONTENT) ? 'whole' : `other bytes, ${bytes.length}`),
    (error: LandfallError) => (failure('BLOB_TRUNCATED')(error) ? 'truncated' : ''),
  );
  return { outcome, ranges: registry.seen.slice(1).map(({ headers }) => headers.range) };
}

const ALL = `bytes ${CUT}-${CONTENT.length - 1}/${CONTENT.length}`;
const RESTS: readonly (readonly [what: string, rest: Script, wanted: string])[] = [
  ['the rest', (_, r) => whole(r, CUT, { 'content-range': ALL }), 'whole'],
  [
    'the rest of who knows how much',
    (_, r) => whole(r, CUT, { 'content-range': ALL.replace(/\d+$/, '*') }),
    'whole',
  ],
  [
    'more than the rest',
    (_, r) => whole(r, CUT - 7, { 'content-range': `bytes ${CUT - 7}-299999/300000` }),
    'whole',
  ],
  ['all of it, in chunks', (_, r) => void r.writeHead(200).end(CONTENT), 'whole'],
  [
    'less than the rest',
    (_, r) => whole(r, CUT + 1, { 'content-range': `bytes ${CUT + 1}-299999/300000` }),
    'truncated',
  ],
  ['a part of it without saying which', (_, r) => whole(r, CUT, {}), 'truncated'],
  ['a refusal of ranges', (_, r) => void r.writeHead(416).end(), 'truncated'],
  ['that it is gone', (_, r) => void r.writeHead(404).end(), 'truncated'],
  ['nothing more', (_, r) => cutAt(r, 206, [CUT, CUT]), 'truncated'],
  ['all of it, cut at the same place', (_, r) => cutAt(r, 200, [0, CUT]), 'truncated'],
];
for (const [what, rest, wanted] of RESTS) {
  test(`a blob that was cut, where the registry then gives ${what}: ${wanted}`, async (t) => {
    assert.deepEqual(await pull(t, rest), { outcome: wanted, ranges: [`bytes=${CUT}-`] });
  });
}

test('a blob is taken up where storage has it, too: the range goes there with the redirect', async (t) => {
  const storage = await startScripted(t, (seen, response, count) =>
    count === 1
      ? cutAt(response, 200, [0, CUT])
      : whole(response, CUT, seen.headers.range === undefined ? {} : { 'content-range': ALL }),
  );
  const redirect: Script = (_, r) => void r.writeHead(307, { location: `${storage.origin}/b?sig=1` }).end();
  assert.equal((await pull(t, redirect, redirect)).outcome, 'whole');
});

for (const [cuts, wanted] of [
  [BLOB_RESUMES, 'whole'],
  [BLOB_RESUMES + 1, 'truncated'],
] as const) {
  test(`a blob that is cut ${cuts} times: ${wanted}`, async (t) => {
    const { outcome, ranges } = await pull(t, ({ headers }, response, count) => {
      const start = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1]);
      cutAt(response, 206, [start, count > cuts ? CONTENT.length : start + 1000]);
    });
    assert.equal(outcome, wanted);
    assert.equal(ranges.length, BLOB_RESUMES);
  });
}

test('a body that was encoded on its way is not taken up: ranges would count other bytes', async (t) => {
  const { ranges } = await pull(
    t,
    (_, r) => void r.writeHead(500).end(),
    (_, r) => {
      r.writeHead(200, { 'content-encoding': 'gzip', 'content-length': 50 });
      r.write(Buffer.from('H4sIAAAAAAAAA0tMSgYAQiNmBgQAAAA=', 'base64').subarray(0, 12), () => r.destroy());
    },
  );
  assert.deepEqual(ranges, []);
});
