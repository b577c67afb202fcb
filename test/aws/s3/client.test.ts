import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { AwsFailure, failureOf } from '../../../shared/aws/request/failure.ts';
import { createS3Client, type S3Client } from '../../../shared/aws/s3/client.ts';
import { s3ObjectStore } from '../../../shared/aws/s3/object-store.ts';
import { s3TargetAt } from '../../../shared/aws/s3/target.ts';
import type { Clock } from '../../../shared/clock.ts';
import { MiB } from '../../../shared/limits.ts';
import { collected } from '../../conformance/object-store.ts';
import { writeEndlessly } from '../../support/artifacts/endless.ts';
import { CREDENTIALS, hurriedClock, s3For } from '../support/s3.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

interface Scripted {
  readonly client: S3Client;
  readonly asked: readonly IncomingMessage[];
}

/** A server that gives each request its own answer, and the last one to all that follow. */
const scripted = (t: TestContext, ...answers: readonly Answer[]): Promise<Scripted> =>
  scriptedAt(t, hurriedClock, answers);

async function scriptedAt(t: TestContext, clock: Clock, answers: readonly Answer[]): Promise<Scripted> {
  const asked: IncomingMessage[] = [];
  const server = createServer(async (request, response) => {
    asked.push(request);
    await buffer(request);
    answers[Math.min(asked.length, answers.length) - 1]?.(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/bucket/`);
  const options = { credentials: async () => CREDENTIALS, clock, idleMs: 5_000 };
  return { client: createS3Client({ ...options, target: s3TargetAt(url, 'eu-central-1') }), asked };
}

const answer =
  (status: number, text: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  (_, response) =>
    void response.writeHead(status, headers).end(text);

const refusal = (code: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>it &lt;failed&gt;</Message></Error>`;

const GET = { method: 'GET', key: 'a' } as const;

test('an error inside a 200 is one, and is tried again', async (t) => {
  const { client, asked } = await scripted(t, answer(200, refusal('InternalError')), answer(200, '<Done/>'));
  assert.equal((await client.send({ method: 'POST', key: 'a' })).text, '<Done/>');
  assert.equal(asked.length, 2);
});

test('what S3 says of a refusal is told, with the number of tries', async (t) => {
  const { client } = await scripted(t, answer(500, 'no XML'), answer(403, refusal('AccessDenied')));
  await assert.rejects(client.send(GET), (error: unknown) => {
    const { code, status, attempts, kind, message } = failureOf(error);
    assert.deepEqual(
      { code, status, attempts, kind, message },
      { code: 'AccessDenied', status: 403, attempts: 2, kind: 'denied', message: 'it <failed>' },
    );
    return true;
  });
});

test('five tries are made, and the last failure told', async (t) => {
  const { client, asked } = await scripted(t, answer(503, refusal('SlowDown')));
  await assert.rejects(client.send(GET), { code: 'SlowDown' });
  assert.equal(asked.length, 5);
});

test('a clock that is an hour behind is put right by the one of S3, once', async (t) => {
  const ahead = Date.now() + 3_600_000;
  const skewed = answer(403, refusal('RequestTimeTooSkewed'), { date: new Date(ahead).toUTCString() });
  const { client, asked } = await scripted(t, skewed, answer(200, 'in'));
  assert.equal((await client.send(GET)).text, 'in');
  const sent = asked.map(({ headers }) => String(headers['x-amz-date']).slice(0, 11));
  assert.deepEqual(sent[1], new Date(ahead).toISOString().replaceAll(/[-:]/g, '').slice(0, 11));
  assert.equal(asked.length, 2);
  const stuck = await scripted(t, skewed);
  await assert.rejects(stuck.client.send(GET), { code: 'RequestTimeTooSkewed' });
  assert.equal(stuck.asked.length, 2);
});

/** As S3, which lets in what is signed within a quarter of an hour of now. */
const inTime: Answer = (request, response) => {
  const [, day, time] = /^(.{8})T(.{6})Z$/.exec(String(request.headers['x-amz-date'])) ?? [];
  const parts = `${day}${time}`.replace(/(.{4})(..)(..)(..)(..)(..)/, '$1-$2-$3T$4:$5:$6Z');
  const isInTime = Math.abs(Date.parse(parts) - Date.now()) < 15 * 60_000;
  answer(isInTime ? 200 : 403, isInTime ? 'in' : refusal('RequestTimeTooSkewed'))(request, response);
};

test('a clock that S3 has put right, and that is then set right, is put right again', async (t) => {
  let behindMs = 3_600_000;
  const clock = { ...hurriedClock, now: () => Date.now() - behindMs };
  const { client, asked } = await scriptedAt(t, clock, [inTime]);
  assert.equal((await client.send(GET)).text, 'in');
  behindMs = 0;
  assert.equal((await client.send(GET)).text, 'in');
  assert.equal((await client.send(GET)).text, 'in');
  assert.equal(asked.length, 5);
});

test('an answer that breaks off is tried again', async (t) => {
  const cut: Answer = (_, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('<List', () => response.destroy());
  };
  const { client, asked } = await scripted(t, cut, answer(200, '<List/>'));
  assert.equal((await client.send(GET)).text, '<List/>');
  assert.equal(asked.length, 2);
});

test('a redirect is told and not followed: nobody else is sent a signature', async (t) => {
  const elsewhere = await scripted(t, answer(200, 'in'));
  const { origin } = new URL(`${elsewhere.client.target.protocol}//${elsewhere.client.target.host}`);
  for (const status of [301, 302, 307, 308]) {
    const { client, asked } = await scripted(t, answer(status, '', { location: `${origin}/bucket/a` }));
    await assert.rejects(client.send({ method: 'PUT', key: 'a' }), AwsFailure);
    await assert.rejects(client.open(GET), AwsFailure);
    assert.equal(asked.length, 2);
  }
  assert.equal(elsewhere.asked.length, 0);
});

test('an answer without end is not kept', async (t) => {
  const { client, asked } = await scripted(t, (_, response) => {
    writeEndlessly(response.writeHead(200), Buffer.alloc(MiB));
  });
  await assert.rejects(client.send(GET), { code: 'AnswerTooLong' });
  assert.equal(asked.length, 1);
});

test('a key that a URL would make another of is refused before anything is sent', async (t) => {
  const { client, asked } = await scripted(t, answer(200, ''));
  for (const key of ['../other', 'a/./b', 'a/..'])
    await assert.rejects(client.send({ method: 'DELETE', key }), { code: 'PATH_REFUSED' });
  assert.equal(asked.length, 0);
});

const KEYS = ['plain', 'a b+c', `q'"&<>;`, 'ü/%41?#&=;,@$:[]{}|^`', '😀/ﬁ', '&#38;amp;'].toSorted();

test('keys come back from listings as they were put, whatever is in them', async (t) => {
  const { root } = await s3For(t, { prefix: 'p q+/' });
  const store = s3ObjectStore(root);
  for (const key of KEYS) assert.equal(await store.putIfAbsent(key, Buffer.from(key)), 'created');
  assert.deepEqual((await collected(store.list(''))).toSorted(), KEYS);
  for (const key of KEYS) assert.equal(Buffer.from((await store.get(key))?.bytes ?? []).toString(), key);
  await store.delete(KEYS);
  assert.deepEqual(await collected(store.list('')), []);
});
