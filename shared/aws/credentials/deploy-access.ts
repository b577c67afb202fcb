import type { AwsAccess } from '../../deploy/kit/aws-access.ts';
import { LandfallError } from '../../errors.ts';
import { AwsFailure, failureFacts, formatFailure } from '../request/failure.ts';
import { failureHint, isPassing } from '../request/failure-kind.ts';
import { callSdk, type SdkAccess, sdkSettings } from '../sdk/call.ts';
import { assumedRole } from './assumed-role.ts';

export interface DeployAccessOptions {
  /** As whoever runs the deploy is at AWS. */
  readonly sdk: SdkAccess;
  /** The role to work as. */
  readonly role?: { readonly arn: string; readonly externalId?: string } | undefined;
  /** Where the target is. Default: where `sdk` is. */
  readonly region?: string | undefined;
  readonly signal: AbortSignal;
}

/** What a call failed with, for a deploy: it passes, or somebody has to act. */
function deployFailure(what: string, error: unknown): unknown {
  if (!(error instanceof AwsFailure)) return error;
  const code = isPassing(error) ? 'DEPLOY_UNAVAILABLE' : 'DEPLOY_FAILED';
  return new LandfallError(code, `${what}: ${formatFailure(error)}`, {
    ...failureHint(error),
    detail: { aws: error.code, ...failureFacts(error).detail },
    cause: error,
  });
}

/** AWS as one deploy sees it: as its role, where it names one. */
export function deployAccess({ sdk, role, region, signal }: DeployAccessOptions): AwsAccess {
  const own: SdkAccess = {
    ...sdk,
    region: region ?? sdk.region,
    ...(role !== undefined && { credentials: assumedRole(role.arn, sdk, role.externalId) }),
  };
  return {
    region: own.region,
    settings: { ...sdkSettings(own), maxAttempts: 1 },
    call: async (what, send) => {
      try {
        return await callSdk(own, send, signal);
      } catch (error) {
        throw deployFailure(what, error);
      }
    },
  };
}
