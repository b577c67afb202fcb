import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AwsAccess } from '../../../shared/deploy/kit/aws-access.ts';
import { openOriginPath } from '../../../shared/deploy/site/distribution-client.ts';
import { openSwitchKey } from '../../../shared/deploy/site/key-value-store-client.ts';
import type { SwitchKey } from '../../../shared/deploy/site/site-switch.ts';
import { SleepingClock } from '../../support/aws-server/aws-client-for.ts';
import { STORE_ARN } from '../../support/key-value-store/key-value-store-server.ts';

interface Sent {
  readonly hostname: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Where a key is asked for, as AWS itself has it: nothing leaves this machine. */
async function askedAt(open: (access: Pick<AwsAccess, 'settings' | 'call'>) => SwitchKey): Promise<Sent> {
  const sent: Sent[] = [];
  const handle = async (request: Sent): Promise<never> => {
    sent.push(request);
    throw new Error('it is not sent');
  };
  const credentials = async () => ({ accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' });
  const settings = {
    maxAttempts: 1,
    region: 'eu-central-1',
    credentials,
    requestHandler: { handle },
  } as const;
  const key = open({ settings, call: (_, send) => send({ abortSignal: new AbortController().signal }) });
  await assert.rejects(key.read(), /it is not sent/);
  assert.equal(sent.length, 1);
  return sent[0] as Sent;
}

describe('what says which release of a site is served is asked for where AWS has it', () => {
  test('the key of a KeyValueStore at the address of its account, signed for every region', async () => {
    const { hostname, headers } = await askedAt((access) =>
      openSwitchKey(STORE_ARN, 'site:current', access, new SleepingClock()),
    );
    assert.equal(hostname, '123456789012.cloudfront-kvs.global.api.aws');
    assert.match(headers['authorization'] ?? '', /^AWS4-ECDSA-P256-SHA256 /);
    assert.equal(headers['x-amz-region-set'], '*');
  });

  test('the origin of a distribution in the one region of CloudFront', async () => {
    const { hostname, headers } = await askedAt((access) =>
      openOriginPath({ distribution: 'E2EXAMPLE', origin: 'site' }, access),
    );
    assert.equal(hostname, 'cloudfront.amazonaws.com');
    assert.match(headers['authorization'] ?? '', /\/us-east-1\/cloudfront\/aws4_request/);
  });
});
