import type { AwsClient } from '../../../shared/aws/request/client.ts';
import { createAwsClient } from '../../../shared/aws/request/client.ts';
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

export function awsClientFor(url: string, clock: Clock, timeoutMs = 5_000): AwsClient {
  const credentials = async () => CREDENTIALS;
  return createAwsClient({
    region: REGION,
    credentials,
    clock,
    env: environmentOf(url),
    timeoutMs,
    random: () => 0,
  });
}
