import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { invalidate } from '../../shared/aws/sdk/invalidation.ts';
import { SleepingClock, sdkFor } from '../support/aws-server/aws-client-for.ts';

/** Answers as CloudFront's CreateInvalidation does (restXml). @see https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateInvalidation.html */
async function cloudFrontFor(t: TestContext, status: number, body: string) {
  const requests: { readonly url: string; readonly body: string }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    requests.push({ url: `${request.method} ${request.url}`, body: Buffer.concat(chunks).toString() });
    response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { requests, access: sdkFor(`http://127.0.0.1:${port}`, new SleepingClock()) };
}

const ASKED = { distribution: 'E2EXAMPLE', paths: ['/*', '/a b.html'], reference: 'site/web/app/7' };

test('an invalidation names its paths and a reference that is the same when it is asked for again', async (t) => {
  const done =
    '<Invalidation><Id>I1</Id><Status>InProgress</Status><CreateTime>2026-11-29T06:00:00Z</CreateTime></Invalidation>';
  const { requests, access } = await cloudFrontFor(t, 201, done);
  await invalidate(ASKED, access);
  const [{ url, body } = { url: '', body: '' }] = requests;
  assert.match(url, /^POST \/2020-05-31\/distribution\/E2EXAMPLE\/invalidation/);
  assert.match(body, /<Quantity>2<\/Quantity>/);
  assert.match(body, /<CallerReference>site\/web\/app\/7<\/CallerReference>/);
});

test('an invalidation that is refused says of which distribution and why', async (t) => {
  const refused =
    '<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchDistribution</Code><Message>The specified distribution does not exist.</Message></Error></ErrorResponse>';
  const { access } = await cloudFrontFor(t, 404, refused);
  await assert.rejects(invalidate(ASKED, access), {
    code: 'DEPLOY_FAILED',
    message: /E2EXAMPLE: cannot invalidate 2 paths: NoSuchDistribution/,
  });
});
