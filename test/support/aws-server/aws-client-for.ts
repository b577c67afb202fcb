import { createJsonClient, type JsonClient } from '../../../shared/aws/request/json.ts';
import type { SdkAccess } from '../../../shared/aws/sdk/call.ts';
import type { Clock } from '../../../shared/clock.ts';

export const REGION = 'eu-central-1';
export const ACCOUNT = '123456789012';
export const CREDENTIALS = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret', sessionToken: 'session' };

/** What a function's environment says of a stand-in: where it is, and as whom it is called. */
export const environmentOf = (url: string): Readonly<Record<string, string>> => ({
  AWS_ENDPOINT_URL: url,
  AWS_REGION: REGION,
  AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
  AWS_SESSION_TOKEN: CREDENTIALS.sessionToken,
});

/** Time that passes only while somebody sleeps. */
export class SleepingClock implements Clock {
  #now = Date.UTC(2026, 10, 21, 9);
  readonly slept: number[] = [];

  now(): number {
    return this.#now;
  }

  advance(milliseconds: number): void {
    this.#now += milliseconds;
  }

  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.slept.push(milliseconds);
    this.#now += milliseconds;
  }
}

const accessTo = (clock: Clock, timeoutMs: number) => ({
  ...{ region: REGION, credentials: async () => CREDENTIALS, clock, timeoutMs },
  random: () => 0,
});

/** A stand-in as it is called by requests of ours. */
export const awsClientFor = (url: string, clock: Clock, timeoutMs = 5_000): JsonClient =>
  createJsonClient({ ...accessTo(clock, timeoutMs), env: environmentOf(url) });

/** The same, by the SDK, whose first call on a busy machine takes its time. */
export const sdkFor = (endpoint: string, clock: Clock, timeoutMs = 30_000): SdkAccess => ({
  ...accessTo(clock, timeoutMs),
  endpoint,
});
