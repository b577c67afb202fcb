import {
  AssumeRoleCommand,
  type Credentials,
  GetWebIdentityTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { callSdk, type SdkAccess, sdkSettings } from './call.ts';

/** @throws as callSdk */
export interface StsCalls {
  /** `externalId`: what the role's account wants to hear beside who asks. */
  assumeRole(role: string, seconds: number, externalId?: string): Promise<Credentials | undefined>;
  /** @see https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html */
  webIdentityToken(audience: string, seconds: number): Promise<string | undefined>;
}

const SESSION = 'landfall';

export function openSts(access: SdkAccess): StsCalls {
  const client = new STSClient(sdkSettings(access));
  return {
    assumeRole: async (RoleArn, DurationSeconds, externalId) => {
      const told = externalId === undefined ? {} : { ExternalId: externalId };
      const command = { RoleArn, DurationSeconds, RoleSessionName: SESSION, ...told };
      const answer = await callSdk(access, (options) => client.send(new AssumeRoleCommand(command), options));
      return answer.Credentials;
    },
    webIdentityToken: async (audience, DurationSeconds) => {
      const command = { Audience: [audience], SigningAlgorithm: 'RS256', DurationSeconds };
      const answer = await callSdk(access, (options) =>
        client.send(new GetWebIdentityTokenCommand(command), options),
      );
      return answer.WebIdentityToken;
    },
  };
}
