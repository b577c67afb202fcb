import assert from 'node:assert/strict';
import { createHash, createHmac, hash } from 'node:crypto';
import { test } from 'node:test';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { addressOf } from '../../shared/aws/request/signable-address.ts';
import { Signer } from '../../shared/aws/request/signature.ts';
import { CREDENTIALS } from '../support/aws-server/aws-client-for.ts';

/** node:crypto in the form that the SDK's signer takes. */
class Sha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    const key = secret instanceof ArrayBuffer ? new Uint8Array(secret) : (secret as string | Uint8Array);
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', key);
  }

  update(data: Uint8Array | string): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  reset(): void {}
}

const segment = fc.string({ unit: fc.constantFrom(...'aZ09-_.~/'), maxLength: 12 });
const value = fc.string({ maxLength: 20 });

test('signs as the SDK does', async () => {
  const cases = fc.record({
    path: segment
      .map((text) => `/${text.replace(/\/+/g, '/').replace(/^\//, '')}`)
      .filter((path) => !path.includes('.')),
    // Plain names: the SDK orders others by what they are before encoding, which is not the specification's order.
    query: fc.dictionary(fc.stringMatching(/^[A-Za-z0-9_.~-]{1,8}$/), value, { maxKeys: 4 }),
    headers: fc.dictionary(
      fc.constantFrom('content-type', 'x-amz-target', 'x-amz-meta-a'),
      fc.constantFrom('a', 'b  c', ' d '),
      { maxKeys: 3 },
    ),
    body: fc.string({ maxLength: 40 }),
    service: fc.constantFrom('sqs', 'events', 's3'),
    at: fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true }),
    isTemporary: fc.boolean(),
    hashHeader: fc.boolean(),
  });
  const ours = new Signer();
  await fc.assert(
    fc.asyncProperty(cases, async ({ path, query, headers, body, service, at, isTemporary, hashHeader }) => {
      const { sessionToken, ...longLived } = CREDENTIALS;
      const credentials = isTemporary ? { ...longLived, sessionToken } : longLived;
      const url = new URL(`https://service.example${path}`);
      for (const [name, text] of Object.entries(query)) url.searchParams.append(name, text);
      const own = ours.sign(
        {
          method: 'POST',
          ...addressOf(url),
          headers,
          sha256: hash('sha256', body),
          service,
          region: 'eu-central-1',
          hashHeader,
        },
        credentials,
        at.getTime(),
      );
      const signer = new SignatureV4({
        service,
        region: 'eu-central-1',
        credentials,
        sha256: Sha256,
        uriEscapePath: false,
        applyChecksum: hashHeader,
      });
      const theirs = await signer.sign(
        {
          ...{ method: 'POST', protocol: 'https:', hostname: url.host, path: url.pathname, query, body },
          headers: {
            ...headers,
            host: url.host,
            ...(hashHeader && { 'x-amz-content-sha256': createHash('sha256').update(body).digest('hex') }),
          },
        },
        { signingDate: at },
      );
      assert.equal(own['authorization'], theirs.headers['authorization']);
    }),
    { numRuns: 300 },
  );
});

test('does not repeat the secret', () => {
  const request = { method: 'GET', ...addressOf(new URL('https://sqs.example/')), headers: {} };
  const signable = { ...request, sha256: hash('sha256', ''), service: 'sqs', region: 'eu-central-1' };
  const headers = new Signer().sign(signable, CREDENTIALS, 0);
  assert.doesNotMatch(JSON.stringify(headers), new RegExp(`${CREDENTIALS.secretAccessKey}"`));
});
