import {
  CloudFrontKeyValueStoreClient,
  DescribeKeyValueStoreCommand,
  GetKeyCommand,
  UpdateKeysCommand,
} from '@aws-sdk/client-cloudfront-keyvaluestore';
// Signature Version 4A in JavaScript: importing it registers it with the client. The one of the CRT is not bundled.
import '@aws-sdk/signature-v4a';
import type { Clock } from '../../clock.ts';
import { BACKOFF, backoffMs } from '../../kernel/backoff.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import type { AwsAccess } from '../kit/aws-access.ts';
import { awsCode } from '../kit/failures.ts';
import type { SwitchKey } from './site-switch.ts';
import { targetAccess } from './target-access.ts';

/** Its endpoint has the account in front; one of one's own is taken as it is. */
const SIGNED_FOR = {
  name: 'sigv4a',
  signingName: 'cloudfront-keyvaluestore',
  signingRegion: '*',
  signingRegionSet: ['*'],
  properties: {},
};

/** It is signed for every region, and asked in none. */
const ANY_REGION = 'us-east-1';

/** Every writer of the store, to whatever key, makes the ETag another: each lost race is another's progress. */
const RACES = 10;

/** Both have been seen for an ETag that is old. */
const LOST: ReadonlySet<string> = new Set(['ConflictException', 'ValidationException']);

function clientOf({ endpoint, ...settings }: AwsAccess['settings']): CloudFrontKeyValueStoreClient {
  const own = { region: ANY_REGION, ...settings };
  if (endpoint === undefined) return new CloudFrontKeyValueStoreClient(own);
  const url = new URL(endpoint);
  return new CloudFrontKeyValueStoreClient({
    ...own,
    endpointProvider: () => ({ url, properties: { authSchemes: [SIGNED_FOR] } }),
  });
}

/**
 * A key of a CloudFront KeyValueStore.
 * @param store its ARN
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/kvs-with-functions-api.html
 */
export function openSwitchKey(
  store: string,
  key: string,
  access: Pick<AwsAccess, 'settings' | 'call'>,
  clock: Pick<Clock, 'sleep'>,
): SwitchKey {
  const { settings, call } = targetAccess(access);
  const client = clientOf(settings);
  const what = (verb: string): string => `key ${key} of ${store}: cannot ${verb} it`;

  async function read(): Promise<string | undefined> {
    const command = new GetKeyCommand({ KvsARN: store, Key: key });
    try {
      return (await call(what('read'), (options) => client.send(command, options))).Value;
    } catch (error) {
      if (awsCode(error) === 'ResourceNotFoundException') return undefined;
      throw error;
    }
  }

  /** The ETag first: a value that is read after it is of that ETag, or the write is refused. */
  async function tryMove(value: string): Promise<void> {
    const describe = new DescribeKeyValueStoreCommand({ KvsARN: store });
    const { ETag } = await call(what('move'), (options) => client.send(describe, options));
    if ((await read()) === value) return;
    const update = new UpdateKeysCommand({
      KvsARN: store,
      IfMatch: ETag,
      Puts: [{ Key: key, Value: value }],
    });
    await call(what('move'), (options) => client.send(update, options));
  }

  return {
    read,
    move: async (value, { signal }: CallOptions = {}) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await tryMove(value);
        } catch (error) {
          if (!LOST.has(awsCode(error) ?? '') || attempt === RACES) throw error;
        }
        await clock.sleep(backoffMs(BACKOFF.s3Conflict, attempt), signal);
      }
    },
    // A few seconds until all places know, of which nothing tells.
    isInForce: async () => true,
  };
}
