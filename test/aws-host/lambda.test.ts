import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { folderFor } from '../support/cli.ts';
import { listenForUrl } from '../support/template-host/function-url.ts';
import type { Json } from '../support/template-host/json.ts';
import { LambdaFunction, lambdaOptions } from '../support/template-host/lambda-function.ts';
import { until } from '../support/until.ts';

const BUNDLE = `
let count = 0;
export const handler = async (event, context) => {
  count += 1;
  if (event.fail) throw new Error('as asked');
  if (event.exit) process.exit(1);
  if (event.hang) await new Promise(() => setInterval(() => {}, 1000));
  if (event.wait) await new Promise((resolve) => setTimeout(resolve, event.wait));
  console.log('called');
  const { LANDFALL_BUCKET, HOME, AWS_LAMBDA_FUNCTION_NAME } = process.env;
  const left = context.getRemainingTimeInMillis();
  return { count, event, arn: context.invokedFunctionArn, left, LANDFALL_BUCKET, HOME, AWS_LAMBDA_FUNCTION_NAME };
};
`;

async function lambdaFor(t: TestContext, properties: Json = {}): Promise<LambdaFunction> {
  const folder = await folderFor(t);
  await writeFile(join(folder, 'index.mjs'), BUNDLE);
  const given = {
    id: 'F',
    arn: 'arn:aws:lambda:eu-central-1:1:function:f',
    folder,
    surroundings: { TZ: ':UTC' },
  };
  const common = { Runtime: 'nodejs24.x', Handler: 'index.handler', Role: 'arn:role', Timeout: 20 };
  const Environment = { Variables: { LANDFALL_BUCKET: 'store' } };
  const lambda = new LambdaFunction(lambdaOptions({ ...common, Environment, ...properties }, given));
  t.after(() => lambda.close());
  return lambda;
}

const answerOf = async (lambda: LambdaFunction, event: Json = {}): Promise<Json> => {
  const invoked = await lambda.invoke(event);
  assert.ok(invoked.ok, JSON.stringify(invoked));
  return invoked.value as Json;
};

describe('a function of a template', () => {
  test('is given its event, its context and the environment of the template alone', async (t) => {
    const lambda = await lambdaFor(t);
    const { left, ...value } = await answerOf(lambda, { a: 1 });
    assert.deepEqual(value, {
      ...{ count: 1, event: { a: 1 }, arn: lambda.options.arn },
      ...{ LANDFALL_BUCKET: 'store', AWS_LAMBDA_FUNCTION_NAME: 'f' },
    });
    assert.ok(Number(left) > 0 && Number(left) <= 20_000);
    // The log comes by another way than the answer.
    assert.equal(await until('the log', () => lambda.log[0]), 'called');
  });

  test('stays warm, after an error too', async (t) => {
    const lambda = await lambdaFor(t);
    await answerOf(lambda);
    const failed = await lambda.invoke({ fail: true });
    assert.match(failed.ok ? '' : failed.error, /as asked/);
    assert.equal((await answerOf(lambda))['count'], 3);
  });

  test('has one invocation at a time in a process', async (t) => {
    const lambda = await lambdaFor(t);
    const counts = await Promise.all([1, 2].map(() => answerOf(lambda, { wait: 50 })));
    assert.deepEqual(
      counts.map(({ count }) => count),
      [1, 1],
    );
  });

  for (const end of ['exit', 'hang']) {
    test(`fails and starts anew when its process ends: ${end}`, async (t) => {
      const lambda = await lambdaFor(t, end === 'hang' ? { Timeout: 1 } : {});
      await answerOf(lambda);
      assert.equal((await lambda.invoke({ [end]: true })).ok, false);
      assert.equal((await answerOf(lambda))['count'], 1);
    });
  }

  test('is tried again where it was invoked asynchronously', async (t) => {
    const lambda = await lambdaFor(t);
    assert.equal((await lambda.invokeEvent({ fail: true }, { retries: 2 })).ok, false);
    assert.equal(lambda.invocations, 3);
  });

  test('starts no process once it is closed, for a retry neither', async (t) => {
    const lambda = await lambdaFor(t);
    await answerOf(lambda);
    const invoked = lambda.invokeEvent({ wait: 500 }, { retries: 2 });
    await lambda.close();
    assert.equal((await invoked).ok, false);
    assert.equal(lambda.invocations, 2);
    assert.equal((await lambda.invoke({})).ok, false);
  });

  test('is refused on another runtime', async (t) => {
    await assert.rejects(lambdaFor(t, { Runtime: 'nodejs22.x' }), /nodejs22\.x/);
  });
});

describe('a Function URL', () => {
  async function ask(
    t: TestContext,
    init: RequestInit,
    answer: (event: Json) => unknown,
    path = 'a%20b?c=d&e',
  ) {
    const events: Json[] = [];
    const url = await listenForUrl(async (event) => {
      events.push(event);
      return { ok: true, value: answer(event) };
    });
    t.after(() => url.close());
    const response = await fetch(`${url.url}${path}`, init);
    return { event: events[0] ?? {}, status: response.status, text: await response.text(), response };
  }

  const bodies: readonly (readonly [type: string, base64: boolean])[] = [
    ['application/json', false],
    ['application/json; charset=utf-8', false],
    ['text/plain', false],
    ['application/vnd.docker.distribution.events.v2+json', true],
    ['application/octet-stream', true],
  ];
  for (const [type, base64] of bodies) {
    test(`hands a body of ${type} over ${base64 ? 'in base64' : 'as text'}`, async (t) => {
      const { event } = await ask(
        t,
        { method: 'POST', body: '{"ü":1}', headers: { 'content-type': type } },
        () => ({}),
      );
      const text = '{"ü":1}';
      assert.equal(event['isBase64Encoded'], base64);
      assert.equal(event['body'], base64 ? Buffer.from(text).toString('base64') : text);
    });
  }

  test('says what was asked for', async (t) => {
    const { event } = await ask(t, { headers: { 'X-One': '1' } }, () => ({}));
    const { version, rawPath, rawQueryString, headers, requestContext, isBase64Encoded } = event;
    assert.deepEqual([version, rawPath, rawQueryString, isBase64Encoded], ['2.0', '/a b', 'c=d&e', false]);
    assert.equal((headers as Json)['x-one'], '1');
    assert.equal(((requestContext as Json)['http'] as Json)['method'], 'GET');
    assert.ok(!('body' in event));
  });

  test('answers what the function does', async (t) => {
    const answer = { statusCode: 202, headers: { 'x-two': '2' }, body: 'b2s=', isBase64Encoded: true };
    const { status, text, response } = await ask(t, {}, () => answer);
    assert.deepEqual([status, text, response.headers.get('x-two')], [202, 'ok', '2']);
    const plain = await ask(t, {}, () => ({ some: 'value' }));
    assert.deepEqual([plain.status, plain.text], [200, '{"some":"value"}']);
  });

  test('answers 502 for a function that failed', async (t) => {
    const url = await listenForUrl(async () => ({ ok: false, error: 'secret' }));
    t.after(() => url.close());
    const response = await fetch(url.url);
    assert.equal(response.status, 502);
    assert.doesNotMatch(await response.text(), /secret/);
  });
});
