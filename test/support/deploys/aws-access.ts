import { AwsFailure, formatFailure } from '../../../shared/aws/request/failure.ts';
import { failureHint, isPassing } from '../../../shared/aws/request/failure-kind.ts';
import { callSdk, sdkSettings } from '../../../shared/aws/sdk/call.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { AwsAccess } from '../../../shared/deploy/kit/aws-access.ts';
import { LandfallError } from '../../../shared/errors.ts';
import { sdkFor } from '../aws-server/aws-client-for.ts';

/** A visit that was killed: nothing after it runs. */
export class Killed extends Error {}

/** Kills the visit at its call number `at`, counted from 1: before it is sent, or after it was answered. */
export interface Kill {
  readonly at: number;
  readonly when: 'before' | 'after';
}

/** AWS as a deploy sees it, at a stand-in. `calls`: what was called, in order. */
export function accessAt(
  url: string,
  clock: Clock,
  { kill, signal }: { readonly kill?: Kill | undefined; readonly signal?: AbortSignal } = {},
): AwsAccess & { readonly calls: readonly string[] } {
  const sdk = sdkFor(url, clock);
  const calls: string[] = [];
  const dieAt = (when: Kill['when']): void => {
    if (kill?.at === calls.length && kill.when === when) throw new Killed(`${when} ${calls.at(-1)}`);
  };
  return {
    calls,
    settings: sdkSettings(sdk) as AwsAccess['settings'],
    region: sdk.region,
    call: async (what, send) => {
      calls.push(what);
      dieAt('before');
      try {
        const answer = await callSdk(sdk, send, signal);
        dieAt('after');
        return answer;
      } catch (error) {
        if (!(error instanceof AwsFailure)) throw error;
        dieAt('after');
        const code = isPassing(error) ? 'DEPLOY_UNAVAILABLE' : 'DEPLOY_FAILED';
        throw new LandfallError(code, `${what}: ${formatFailure(error)}`, {
          ...failureHint(error),
          detail: { aws: error.code },
          cause: error,
        });
      }
    },
  };
}
