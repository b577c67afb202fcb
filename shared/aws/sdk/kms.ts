import { GetPublicKeyCommand, type GetPublicKeyResponse, KMSClient } from '@aws-sdk/client-kms';
import { callSdk, type SdkAccess, sdkSettings } from './call.ts';

/** The public half of a key. @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html */
export async function askKms(
  KeyId: string,
  access: SdkAccess,
  signal?: AbortSignal,
): Promise<Pick<GetPublicKeyResponse, 'PublicKey' | 'KeyUsage'>> {
  const client = new KMSClient(sdkSettings(access));
  try {
    return await callSdk(
      access,
      (options) => client.send(new GetPublicKeyCommand({ KeyId }), options),
      signal,
    );
  } finally {
    client.destroy();
  }
}
