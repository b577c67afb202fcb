import { ECRClient, GetAuthorizationTokenCommand } from '@aws-sdk/client-ecr';
import {
  ECRPUBLICClient,
  GetAuthorizationTokenCommand as GetPublicTokenCommand,
} from '@aws-sdk/client-ecr-public';
import { callSdk, type SdkAccess, sdkSettings } from './call.ts';

export interface EcrAuthorization {
  /** Base64 of `user:password`. */
  readonly authorizationToken?: string | undefined;
  readonly expiresAt?: Date | undefined;
}

/** ECR Public gives its tokens here alone. @see https://docs.aws.amazon.com/AmazonECRPublic/latest/APIReference/API_GetAuthorizationToken.html */
const PUBLIC_REGION = 'us-east-1';

/** A client for each time: a token lasts half a day, and roles' credentials less. */
export async function askEcr(
  region: string | undefined,
  access: SdkAccess,
): Promise<EcrAuthorization | undefined> {
  if (region === undefined) {
    const client = new ECRPUBLICClient(sdkSettings({ ...access, region: PUBLIC_REGION }));
    const answer = await callSdk(access, (options) => client.send(new GetPublicTokenCommand(), options));
    client.destroy();
    return answer.authorizationData;
  }
  const client = new ECRClient(sdkSettings({ ...access, region }));
  const answer = await callSdk(access, (options) => client.send(new GetAuthorizationTokenCommand(), options));
  client.destroy();
  return answer.authorizationData?.[0];
}
