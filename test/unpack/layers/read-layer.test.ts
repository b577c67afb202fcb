import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { LandfallError } from '../../../shared/errors.ts';
import { DEFAULT_LIMITS } from '../../../shared/limits.ts';
import { digestOf } from '../../../shared/oci/digest.ts';
import { UnpackBudget } from '../../../shared/unpack/budget.ts';
import { copyLayer, type ReadLayerInput, untarLayer } from '../../../shared/unpack/layer/read-layer.ts';
import { describe, listing, readArchive, refusalOf } from '../../support/artifacts/read-archive.ts';
import { file, tar } from '../../support/artifacts/tar-builder.ts';

const MEDIA_TYPE = 'application/vnd.oci.image.layer.v1.tar+gzip';
const archive = tar(file('a.txt', 'hello'), file('b.txt', 'world'));
const layer = gzipSync(archive);
const html = Buffer.from('<!doctype html><html><body>Sign in</body></html>');
const longHtml = Buffer.concat([html, Buffer.alloc(layer.length - html.length, ' ')]);
const changed = Buffer.from(layer);
changed.writeUInt8(changed.readUInt8(40) ^ 1, 40);
const renamed = gzipSync(tar(file('a.txt', 'hello'), file('b.txt', 'w0rld')));

/** What arrives instead of `layer`, whose descriptor it is held to. */
const TRANSFERS: readonly (readonly [string, Buffer, string, RegExp])[] = [
  ['nothing', Buffer.alloc(0), 'BLOB_TRUNCATED', /ended after 0 of \d+ bytes; what came is empty/],
  ['all but the last byte', layer.subarray(0, -1), 'BLOB_TRUNCATED', /ended after \d+ of \d+ bytes/],
  ['a short page', html, 'BLOB_TRUNCATED', /what came is an HTML page/],
  ['a page just as long', longHtml, 'DIGEST_MISMATCH', /what came is an HTML page/],
  ['a changed byte', changed, 'DIGEST_MISMATCH', /other content/],
  ['another layer, well-formed and as long', renamed, 'DIGEST_MISMATCH', /other content/],
  ['one byte more', Buffer.concat([layer, Buffer.alloc(1)]), 'SIZE_MISMATCH', /goes on/],
  ['the layer twice', Buffer.concat([layer, layer]), 'SIZE_MISMATCH', /goes on/],
];

for (const [name, bytes, code, says] of TRANSFERS) {
  test(`tells a bad transfer from a bad layer: ${name}`, async () => {
    const error = await refusalOf(readArchive(layer, { mediaType: MEDIA_TYPE, chunks: [bytes] }));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, says);
    assert.ok(error.message.includes(digestOf(layer)), 'names the blob');
  });
}

const large = gzipSync(tar(file('noise', randomBytes(300_000))), { level: 0 });
const inPieces = (bytes: Buffer): Buffer[] =>
  [0, 1000, 100_000].map((from, index, all) => bytes.subarray(from, all[index + 1]));
const damaged = Buffer.from(large);
damaged.fill(0xff, 10, 40);
const pageFirst = Buffer.from(large);
html.copy(pageFirst);

for (const [name, bytes, code] of [
  ['changed where it stops to make sense', damaged, 'DIGEST_MISMATCH'],
  ['changed there, and cut later', damaged.subarray(0, -5), 'BLOB_TRUNCATED'],
  ['changed there, and longer', Buffer.concat([damaged, Buffer.alloc(1)]), 'SIZE_MISMATCH'],
  ['a page with a long rest', pageFirst, 'DIGEST_MISMATCH'],
] as const) {
  test(`reads on to tell a bad transfer from a bad layer: ${name}`, async () => {
    const error = await refusalOf(readArchive(large, { mediaType: MEDIA_TYPE, chunks: inPieces(bytes) }));
    assert.equal(error.code, code, error.message);
    const own = await refusalOf(readArchive(bytes, { mediaType: MEDIA_TYPE, chunks: inPieces(bytes) }));
    assert.equal(
      own.code,
      'COMPRESSION_INVALID',
      'where the descriptor is of these bytes, they are to blame',
    );
  });
}

test('a manifest that lies about the size of the right bytes is a permanent failure', async () => {
  for (const size of [layer.length + 1, layer.length - 1]) {
    const descriptor = { ...describe(layer, MEDIA_TYPE), size };
    const error = await refusalOf(readArchive(layer, { descriptor }));
    assert.equal(error.code, 'SIZE_MISMATCH');
  }
});

test('holds sha512 digests too', async () => {
  const descriptor = { ...describe(layer, MEDIA_TYPE), digest: digestOf(layer, 'sha512') };
  assert.equal((await readArchive(layer, { descriptor })).length, 2);
  const error = await refusalOf(readArchive(layer, { descriptor, chunks: [changed] }));
  assert.equal(error.code, 'DIGEST_MISMATCH');
});

test('a stream that breaks off is a transient failure', async () => {
  const blob = Readable.from(
    (async function* () {
      yield layer.subarray(0, 20);
      throw new Error('socket hang up');
    })(),
  );
  const error = await refusalOf(readArchive(layer, { mediaType: MEDIA_TYPE, blob }));
  assert.equal(error.code, 'BLOB_TRUNCATED');
  assert.match(error.message, /after 20 of \d+ bytes: socket hang up/);
});

test('an error of the registry client passes as it is', async () => {
  const timeout = new LandfallError('REGISTRY_TIMEOUT', 'too slow');
  const blob = new Readable({ read: () => void blob.destroy(timeout) });
  assert.equal(await refusalOf(readArchive(layer, { mediaType: MEDIA_TYPE, blob })), timeout);
});

const stalled = (bytes: Buffer): PassThrough => {
  const blob = new PassThrough();
  blob.write(bytes);
  return blob;
};

test('an abort ends a stalled read with its reason', async () => {
  for (const [reason, code] of [
    [undefined, 'CANCELLED'],
    [new LandfallError('REGISTRY_TIMEOUT', 'late'), 'REGISTRY_TIMEOUT'],
  ] as const) {
    const controller = new AbortController();
    const blob = stalled(layer.subarray(0, 20));
    const reading = refusalOf(readArchive(layer, { mediaType: MEDIA_TYPE, blob, signal: controller.signal }));
    await setImmediate();
    controller.abort(reason);
    assert.equal((await reading).code, code);
    assert.ok(blob.destroyed);
  }
});

test('a signal that was aborted before reads nothing', async () => {
  const error = await refusalOf(readArchive(layer, { mediaType: MEDIA_TYPE, signal: AbortSignal.abort() }));
  assert.equal(error.code, 'CANCELLED');
});

test('a refusal does not wait for a blob that stalls, and ends it', async () => {
  const evil = gzipSync(Buffer.concat([tar(file('../evil')), Buffer.alloc(100_000)]), { level: 0 });
  const blob = stalled(evil.subarray(0, 70_000));
  const error = await refusalOf(readArchive(evil, { mediaType: MEDIA_TYPE, blob }));
  assert.equal(error.code, 'PATH_REFUSED');
  assert.ok(blob.destroyed);
});

test("the visitor's own failure comes out as it is", async () => {
  const full = new LandfallError('STORE_FULL', 'no space');
  for (const fail of [() => Promise.reject(full), () => assert.fail(full)]) {
    const visitor = { ...listing().visitor, end: fail };
    await assert.rejects(untarLayer(input(layer), visitor), (error) => error === full);
  }
});

const input = (bytes: Buffer, more: Partial<ReadLayerInput> = {}): ReadLayerInput => ({
  blob: Readable.from([bytes]),
  descriptor: describe(bytes, MEDIA_TYPE),
  budget: new UnpackBudget(DEFAULT_LIMITS),
  ...more,
});

test('waits for a visitor that asks to, one call at a time', async () => {
  const { visitor, entries } = listing();
  let busy = 0;
  const slowly = async (call: () => void | Promise<void>): Promise<void> => {
    busy += 1;
    assert.equal(busy, 1);
    await setImmediate();
    await call();
    busy -= 1;
  };
  await untarLayer(input(layer), {
    begin: (entry) => slowly(() => visitor.begin(entry)),
    data: (chunk) => slowly(() => visitor.data(chunk)),
    end: () => slowly(() => visitor.end()),
  });
  assert.deepEqual(entries, await readArchive(layer, { mediaType: MEDIA_TYPE }));
});

test('reports compressed bytes as they come', async () => {
  const seen: number[] = [];
  const chunks = [layer.subarray(0, 10), layer.subarray(10)];
  await readArchive(layer, { mediaType: MEDIA_TYPE, chunks, onProgress: (bytes) => seen.push(bytes) });
  assert.deepEqual(seen, [10, layer.length]);
});

test('counts the prefix in every path', async () => {
  const limits = { pathBytes: 15 };
  assert.equal((await readArchive(layer, { mediaType: MEDIA_TYPE, limits, prefixBytes: 10 })).length, 2);
  const error = await refusalOf(readArchive(layer, { mediaType: MEDIA_TYPE, limits, prefixBytes: 11 }));
  assert.equal(error.code, 'PATH_REFUSED');
});

test('copies a blob as it is, and closes the file only when it is proven', async () => {
  for (const [bytes, closed] of [
    [layer, true],
    [changed, false],
    [layer.subarray(0, -1), false],
  ] as const) {
    const written: Uint8Array[] = [];
    let isClosed = false;
    const writer = {
      write: (chunk: Uint8Array) => void written.push(chunk),
      close: () => {
        isClosed = true;
      },
    };
    const copying = copyLayer({ ...input(layer), blob: Readable.from([bytes]) }, writer);
    await (closed ? copying : assert.rejects(copying, LandfallError));
    assert.equal(isClosed, closed);
    assert.deepEqual(Buffer.concat(written), bytes);
  }
});

test('copies an empty blob', async () => {
  let closed = 0;
  await copyLayer(
    { ...input(Buffer.alloc(0)), blob: Readable.from([]) },
    { write: () => assert.fail(), close: () => void closed++ },
  );
  assert.equal(closed, 1);
});

test('what the registry said of a failure is not lost where the layer is named: detail, next step, time to wait', async () => {
  const said = new LandfallError('BLOB_TRUNCATED', 'cut off after 5 of 90 bytes', {
    hint: 'It is tried again.',
    detail: { status: 200, registry: 'r.example' },
    retryAfterMs: 5_000,
  });
  const blob = new Readable({ read: () => undefined });
  setImmediate().then(() => blob.destroy(said));
  const descriptor = { mediaType: MEDIA_TYPE, digest: digestOf(layer), size: layer.length };
  const input: ReadLayerInput = { blob, descriptor, budget: new UnpackBudget(DEFAULT_LIMITS) };
  const error = await refusalOf(copyLayer(input, { write: () => undefined, close: async () => undefined }));
  assert.match(error.message, /what came is/);
  const { code, hint, detail, retryAfterMs, cause } = error;
  assert.deepEqual(
    { code, hint, detail, retryAfterMs, cause },
    { code: said.code, hint: said.hint, detail: said.detail, retryAfterMs: 5_000, cause: said },
  );
});
