import {
  CloudFrontKeyValueStoreClient,
  DescribeKeyValueStoreCommand,
  GetKeyCommand,
  UpdateKeysCommand,
} from '@aws-sdk/client-cloudfront-keyvaluestore';
// Signature Version 4A in JavaScript: importing it registers it with the client. The one of the CRT is not bundled.
import '@aws-sdk/signature-v4a';
import type { SwitchKey } from '../../deploy/site/site-switch.ts';
import { LandfallError } from '../../errors.ts';
import { BACKOFF, backoffMs } from '../../kernel/backoff.ts';
import type { CallOptions } from '../../kernel/call-options.ts';
import { failureOf } from '../request/failure.ts';
import { callSdk, type SdkAccess, sdkSettings } from './call.ts';
import { deployFailure } from './deploy-failure.ts';

/** Its endpoint has the account in front; one of one's own is taken as it is. */
const SIGNED_FOR = {
  name: 'sigv4a',
  signingName: 'cloudfront-keyvaluestore',
  signingRegion: '*',
  signingRegionSet: ['*'],
  properties: {},
};

/** Every writer of the store, to whatever key, makes the ETag another: each lost race is another's progress. */
const RACES = 10;

/** Both have been seen for an ETag that is old. */
const LOST: ReadonlySet<string> = new Set(['ConflictException', 'ValidationException']);

function clientOf(access: SdkAccess): CloudFrontKeyValueStoreClient {
  const { endpoint, ...settings } = sdkSettings(access);
  if (endpoint === undefined) return new CloudFrontKeyValueStoreClient(settings);
  const url = new URL(endpoint);
  return new CloudFrontKeyValueStoreClient({
    ...settings,
    endpointProvider: () => ({ url, properties: { authSchemes: [SIGNED_FOR] } }),
  });
}

/**
 * A key of a CloudFront KeyValueStore.
 * @param store its ARN
 * @see https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/kvs-with-functions-api.html
 */
export function openSwitchKey(store: string, key: string, access: SdkAccess): SwitchKey {
  const client = clientOf(access);
  const what = (verb: string): string => `key ${key} of ${store}: cannot ${verb} it`;

  async function read({ signal }: CallOptions = {}): Promise<string | undefined> {
    const command = { KvsARN: store, Key: key };
    try {
      const got = await callSdk(
        access,
        (options) => client.send(new GetKeyCommand(command), options),
        signal,
      );
      return got.Value;
    } catch (error) {
      if (failureOf(error).code === 'ResourceNotFoundException') return undefined;
      throw deployFailure(error, what('read'), signal);
    }
  }

  /** The ETag first: a value that is read after it is of that ETag, or the write is refused. */
  async function tryMove(value: string, signal: AbortSignal | undefined): Promise<void> {
    const describe = new DescribeKeyValueStoreCommand({ KvsARN: store });
    const { ETag } = await callSdk(access, (options) => client.send(describe, options), signal);
    if ((await read({ signal })) === value) return;
    const command = { KvsARN: store, IfMatch: ETag, Puts: [{ Key: key, Value: value }] };
    await callSdk(access, (options) => client.send(new UpdateKeysCommand(command), options), signal);
  }

  return {
    read,
    move: async (value, { signal } = {}) => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await tryMove(value, signal);
        } catch (error) {
          if (error instanceof LandfallError) throw error;
          if (!LOST.has(failureOf(error).code) || attempt === RACES)
            throw deployFailure(error, what('move'), signal);
        }
        await access.clock.sleep(backoffMs(BACKOFF.s3Conflict, attempt), signal);
      }
    },
  };
}
